"""Predicted probabilities, logs of predictions with labels, and calibration curves.

Probabilities are sixteenths in [0, 1], 1 to 6 of them. Logs have 1 to 12 rows of a probability and a label, 0 or 1.
Curves have 1 to 5 knots. Sampling rates are in (0, 1], numbers of bins 1 to 10.
"""

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Log = tuple[Floats, Labels]
Model = tuple[Floats, Floats]

# Sixteenths are exact, and so are their products with every n_bins below: none is near an edge without being on it.
sixteenths = st.integers(0, 16).map(lambda k: k / 16)
rates = st.sampled_from([0.01, 0.1, 0.25, 0.5, 0.9, 1.0])
bin_counts = st.sampled_from([10, 5, 4, 2, 8, 1])
probabilities = st.lists(sixteenths, min_size=1, max_size=6).map(np.array)
distinct = st.lists(sixteenths, min_size=2, max_size=6, unique=True).map(sorted).map(np.array)


def columns_of(rows: list[tuple[float, int]]) -> Log:
    """A log from rows (p, label)."""
    p, y = zip(*rows, strict=True)
    return np.array(p), np.array(y)


logs = st.lists(st.tuples(sixteenths, st.integers(0, 1)), min_size=1, max_size=12).map(columns_of)


@st.composite
def shuffled_logs(draw: st.DrawFn) -> tuple[Log, Log]:
    """A log, and the same rows in another order."""
    p, y = draw(logs)
    order = draw(st.permutations(range(len(p))))
    return (p, y), (p[order], y[order])


@st.composite
def exact_logs(draw: st.DrawFn) -> Log:
    """A log in which of the rows of p a share of exactly p is 1."""
    rows: list[tuple[float, int]] = []
    for size in draw(st.lists(st.sampled_from([1, 2, 4]), min_size=1, max_size=4)):
        ones = draw(st.integers(0, size))
        rows += [(ones / size, int(row < ones)) for row in range(size)]
    return columns_of(rows)


@st.composite
def curves(draw: st.DrawFn) -> tuple[Model, Floats]:
    """A model as `isotonic_fit` gives it, and where to apply it: at knots, between them, and beyond."""
    knots = sorted(draw(st.lists(sixteenths, min_size=1, max_size=5, unique=True)))
    values = sorted(draw(st.lists(sixteenths, min_size=len(knots), max_size=len(knots))))
    asked = draw(st.lists(st.integers(0, 32), min_size=1, max_size=6))
    return (np.array(knots), np.array(values)), np.array(asked) / 32
