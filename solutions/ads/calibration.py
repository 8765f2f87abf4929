"""Calibration: the reference."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Model = tuple[Floats, Floats]


class _Block(NamedTuple):
    """Neighbouring knots that share one value."""

    ones: float
    labels: int
    knots: int

    @property
    def mean(self) -> float:
        # Quotients of whole numbers, so equal means are equal floats.
        return self.ones / self.labels

    def joined(self, other: "_Block") -> "_Block":
        """Both as one block, which has the mean of all their labels."""
        return _Block(self.ones + other.ones, self.labels + other.labels, self.knots + other.knots)


def ece(p: np.ndarray, y: np.ndarray, n_bins: int = 10) -> float:
    """Expected calibration error over bins of equal width (Naeini et al. 2015, Guo et al. 2017)."""
    p, y = _checked_log(p, y)
    if n_bins < 1:
        raise ValueError(f"n_bins counts bins: 1 or more, not {n_bins}")
    bins = np.minimum((p * n_bins).astype(np.int64), n_bins - 1)
    # n_b |mean p - mean y| = |sum p - sum y|: no bin is ever divided by its size, so empty ones need no care.
    gaps = np.bincount(bins, weights=p - y)
    return float(np.abs(gaps).sum() / len(p))


def isotonic_fit(p: np.ndarray, y: np.ndarray) -> Model:
    """Least squares under monotonicity, by pooling adjacent violators (Ayer et al. 1955): knots, values, (K,) both."""
    p, y = _checked_log(p, y)
    knots, place = np.unique(p, return_inverse=True)
    ones, labels = np.bincount(place, weights=y), np.bincount(place)
    blocks: list[_Block] = []
    for block in map(_Block, ones.tolist(), labels.tolist(), [1] * len(knots)):
        while blocks and blocks[-1].mean > block.mean:
            block = blocks.pop().joined(block)  # noqa: PLW2901  it grows to the left
        blocks.append(block)
    return knots, np.repeat([block.mean for block in blocks], [block.knots for block in blocks])


def isotonic_apply(model: Model, p: np.ndarray) -> np.ndarray:
    """The fitted curve at each p, (N,): straight between knots, flat beyond them."""
    knots, values = model
    return np.interp(_checked(p), knots, values)


def undo_downsampling(p: np.ndarray, rate: float) -> np.ndarray:
    """Probabilities under the full log, (N,): their odds are `rate` times what they were (He et al. 2014, 6.3)."""
    if not 0 < rate <= 1:
        raise ValueError(f"rate is the share of negatives that were kept, above 0 and at most 1, not {rate}")
    p = _checked(p)
    return p / (p + (1 - p) / rate)


def _checked(p: np.ndarray) -> Floats:
    """As float64. Raises ValueError for what isn't a probability; NaN isn't."""
    p = np.asarray(p, dtype=np.float64)
    if not np.all((p >= 0) & (p <= 1)):
        raise ValueError("a probability lies between 0 and 1")
    return p


def _checked_log(p: np.ndarray, y: np.ndarray) -> tuple[Floats, Floats]:
    """Predictions and labels as float64. Raises ValueError unless each of one or more has a label, 0 or 1."""
    p, y = _checked(p), np.asarray(y, dtype=np.float64)
    if len(p) != len(y) or len(p) == 0:
        raise ValueError(f"one label for each of one or more predictions, not {len(y)} for {len(p)}")
    if not np.all((y == 0) | (y == 1)):
        raise ValueError("a label is 0 or 1")
    return p, y
