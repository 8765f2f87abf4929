"""Items with scores by several objectives, and slates: relevance and similarity of items.

Scores are 0 to 100, of 1 to 5 items by 1 to 3 objectives; points are whole numbers in [-2, 2]. Relevance and similarity
are eighths, λ quarters, so that equal values are equal in float64 too, however they are computed.
"""

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Scores = dict[str, Matrix]
Weights = dict[str, float]
Slate = tuple[Matrix, Matrix]


def symmetric(n: int, above: list[float], diagonal: float = 1.0) -> Matrix:
    """The symmetric matrix of this diagonal and these values above it, row by row."""
    matrix = np.zeros((n, n))
    matrix[np.triu_indices(n, 1)] = above
    return matrix + matrix.T + diagonal * np.eye(n)


grid = st.sampled_from([0.0, 0.01, 0.25, 0.5, 1.0, 2.0, 100.0])
exponents = st.sampled_from([1.0, 0.5, 2.0, 0.0, 1.5])
lams = st.sampled_from([0.5, 0.25, 0.75, 0.0, 1.0])
eighths = st.integers(1, 8).map(lambda number: number / 8)


@st.composite
def shelves(draw: st.DrawFn) -> tuple[Scores, Weights]:
    """Scores of 1 to 5 items by 1 to 3 objectives, and weights, their keys in another order."""
    names = draw(st.permutations(["ctr", "cvr", "price"]))[: draw(st.integers(1, 3))]
    n = draw(st.integers(1, 5))
    scores = {name: np.array(draw(st.lists(grid, min_size=n, max_size=n))) for name in names}
    return scores, {name: draw(exponents) for name in draw(st.permutations(names))}


@st.composite
def clouds(draw: st.DrawFn) -> Matrix:
    """3 to 8 points of 1 to 3 objectives, many of whose values are equal; one point stands in it twice."""
    m = draw(st.integers(1, 3))
    rows = draw(st.lists(st.lists(st.integers(-2, 2), min_size=m, max_size=m), min_size=2, max_size=7))
    return np.array([*rows, draw(st.sampled_from(rows))], dtype=float)


@st.composite
def slates(draw: st.DrawFn) -> Slate:
    """Relevance and similarity of 3 to 6 items, no two similarities of an item alike; any number on the diagonal."""
    n = draw(st.sampled_from([5, 6, 4, 3]))
    relevance = draw(st.permutations([1, 2, 3, 4, 4, 5, 6, 6]))[:n]
    above = draw(st.permutations(range(-4, 11)))[: n * (n - 1) // 2]
    return np.array(relevance) / 8, symmetric(n, [number / 8 for number in above], draw(eighths))
