"""Groups of items for learning to rank: the labels of a query's items, and their scores or features.

A query has 2 to 6 items. Labels are 0 to 3. Scores are halves in [-3, 3]. Queries with features have 2 to 4 items of
two features. `ks` are cutoffs, None among them; `sigmas` steepness; `rates` learning rates.
"""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Array = NDArray[np.float64]
Labels = NDArray[np.int64]
Group = tuple[Array, Labels]


class Ranked(NamedTuple):
    """The items of one query, at least two of them with different labels."""

    labels: Labels
    scores: Array


@st.composite
def ranked(draw: st.DrawFn, *, ties: bool = False) -> Ranked:
    """Two to six items with scores of halves; with ties from only four of them, so that some are equal."""
    labels = [*draw(st.permutations([0, draw(st.integers(1, 3))])), *draw(st.lists(st.integers(0, 3), max_size=4))]
    half = st.integers(-1, 2) if ties else st.integers(-6, 6)
    halves = draw(st.lists(half, min_size=len(labels), max_size=len(labels), unique=not ties))
    return Ranked(np.array(labels), np.array(halves) / 2)


@st.composite
def reordered(draw: st.DrawFn) -> tuple[Ranked, list[int]]:
    """A query and another order of its items."""
    query = draw(ranked())
    return query, draw(st.permutations(range(len(query.labels))))


# So irregular that no two items come to equal scores while a ranker learns, except at w = 0.
FEATURES = [0.37, -1.21, 0.93, 1.48, -0.59, 0.14, -1.83, 0.71, -0.26, 1.07, -0.92, 0.48, 1.66, -0.05, -1.39, 0.82]


@st.composite
def markets(draw: st.DrawFn) -> list[Group]:
    """Two or three queries of two to four items with two features; in each some items are better than others."""
    groups = []
    for _ in range(draw(st.integers(2, 3))):
        labels = draw(st.permutations([0, draw(st.integers(1, 3)), *draw(st.lists(st.integers(0, 3), max_size=2))]))
        values = draw(st.permutations(FEATURES))
        groups.append((np.array(values[: 2 * len(labels)]).reshape(-1, 2), np.array(labels)))
    return groups


ks = st.sampled_from([None, 1, 2, 3, 9])
sigmas = st.sampled_from([1.0, 0.5, 2.0])
rates = st.sampled_from([0.25, 1.0])


@st.composite
def lessons(draw: st.DrawFn) -> tuple[list[Group], float, int, float]:
    """Queries, lr, epochs and sigma."""
    return draw(markets()), draw(rates), draw(st.integers(1, 2)), draw(sigmas)


@st.composite
def moved_markets(draw: st.DrawFn) -> tuple[list[Group], list[Group], float]:
    """Queries, the same with other values added to the features, one a query and feature, and lr."""
    groups = draw(markets())
    shift = st.sampled_from([-4.0, -1.5, 2.5, 8.0])
    moved = [(features + np.array([draw(shift), draw(shift)]), labels) for features, labels in groups]
    return groups, moved, draw(rates)
