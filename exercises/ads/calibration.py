"""Calibration. The task: calibration.md.

You may import the standard library and numpy; no other library, such as pandas, scipy, sklearn or keras.
"""

import numpy as np


def ece(p: np.ndarray, y: np.ndarray, n_bins: int = 10) -> float:
    """Measure how far predicted probabilities are from what happened, over bins of equal width.

    `p` is (N,), probabilities; `y` is (N,), labels 0 or 1; N is at least 1. Gives a float from 0 to 1.
    Raises ValueError for a p outside 0 to 1, a label other than 0 and 1, unequal lengths, N = 0, or n_bins below 1.

    >>> ece(np.array([0.25, 0.25, 0.75]), np.array([0, 1, 1]), 2)
    0.25
    """
    raise NotImplementedError


def isotonic_fit(p: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit the non-decreasing curve that is nearest to the labels in squared error.

    `p` is (N,), probabilities; `y` is (N,), labels 0 or 1; N is at least 1. Gives the K different p, ascending, and the
    fitted value at each: (K,) both, float64.
    Raises ValueError for a p outside 0 to 1, a label other than 0 and 1, unequal lengths, or N = 0.

    >>> isotonic_fit(np.array([0.75, 0.25, 0.5]), np.array([0, 0, 1]))
    (array([0.25, 0.5 , 0.75]), array([0. , 0.5, 0.5]))
    """
    raise NotImplementedError


def isotonic_apply(model: tuple[np.ndarray, np.ndarray], p: np.ndarray) -> np.ndarray:
    """Read a fitted curve at each p: linear between its knots, flat beyond them.

    `model` is what `isotonic_fit` gives; `p` is (N,), probabilities, N may be 0. Gives (N,), float64, in p's order.
    Raises ValueError for a p outside 0 to 1.

    >>> isotonic_apply((np.array([0.25, 0.75]), np.array([0.0, 1.0])), np.array([1.0, 0.5]))
    array([1. , 0.5])
    """
    raise NotImplementedError


def undo_downsampling(p: np.ndarray, rate: float) -> np.ndarray:
    """Turn probabilities of a model trained on all positives and a share of the negatives into those of the full log.

    `p` is (N,), probabilities, N may be 0; `rate` is the share of negatives that were kept. Gives (N,), float64.
    Raises ValueError for a p outside 0 to 1, or a rate that isn't above 0 and at most 1.

    >>> undo_downsampling(np.array([0.5]), 0.25)
    array([0.2])
    """
    raise NotImplementedError
