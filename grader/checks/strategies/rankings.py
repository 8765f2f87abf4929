"""Rankings of items, their graded relevance, and queries with sets of relevant items.

Items are seven names, some of which sort before others as text only. Rankings have 0 to 6 items, each once. Grades are
0 to 4, of 0 to 5 items, ranked or not. A query is a ranking and 0 to 5 relevant items; there are 0 to 4 queries.
Cutoffs are 1 to 7. Scores are of 0 to 7 items; infinities, both zeros and NaN are among them.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

Ranking = list[str]
Grades = dict[str, int]
Scores = dict[str, float]
Queries = list[tuple[Ranking, set[str]]]

INF, NAN = math.inf, math.nan
NAMES = "mug rug jar cup Pan p9 p10".split()

names = st.sampled_from(NAMES)
rankings = st.lists(names, max_size=6, unique=True)
judgements = st.dictionaries(names, st.integers(0, 4), max_size=5)
sets_of_items = st.sets(names, max_size=5)
queries = st.lists(st.tuples(rankings, sets_of_items), max_size=4)
cutoffs = st.integers(1, 7)
# Few and coarse, so that ties are common.
all_scores = st.dictionaries(names, st.sampled_from([-INF, -1.5, -0.0, 0.0, 0.25, 1.0, INF, NAN]), max_size=7)


class Swap(NamedTuple):
    """A ranking with a better item right behind a worse one, within the first k, and the same with the two swapped."""

    before: Ranking
    after: Ranking
    rels: Grades
    k: int
    high: int
    """The grade of the better item."""


@st.composite
def swaps(draw: st.DrawFn) -> Swap:
    """A ranking of up to seven items, judged or not, and a pair of neighbours that is in the wrong order."""
    worse, better, *others = draw(st.permutations(NAMES))[: draw(st.integers(2, 7))]
    low, high = draw(st.sampled_from([(0, 1), (0, 3), (1, 2), (2, 4)]))
    place = draw(st.integers(0, len(others)))
    head, tail = others[:place], others[place:]
    graded = draw(st.lists(st.integers(0, 4), max_size=len(others)))
    rels = dict(zip(others, graded, strict=False)) | {better: high} | ({worse: low} if low else {})
    k = place + draw(st.integers(2, 4))
    return Swap([*head, worse, better, *tail], [*head, better, worse, *tail], rels, k, high)


@st.composite
def ideal_orders(draw: st.DrawFn) -> tuple[Ranking, Grades]:
    """Grades, the highest of which is above 0, and a best order of their items, with others behind it."""
    rels = draw(st.dictionaries(names, st.integers(0, 4), min_size=1, max_size=5)) | {draw(names): 4}
    order = sorted(draw(st.permutations(sorted(rels))), key=lambda item: -rels[item])
    return order + draw(st.permutations([name for name in NAMES if name not in rels]))[:2], rels


@st.composite
def same_beginnings(draw: st.DrawFn) -> tuple[Ranking, Ranking, int]:
    """Two rankings that differ behind rank k, in order and in number, and k."""
    order, k = draw(st.permutations(NAMES)), draw(st.integers(1, 4))
    others = draw(st.permutations(order[k:]))
    return order, order[:k] + others[: draw(st.integers(0, 3))], k


@st.composite
def one_more_relevant(draw: st.DrawFn) -> tuple[Ranking, Grades, int]:
    """A ranking with a hit within the first k, grades of some of its items, and k; nobody ranked or judged 'new'."""
    ranked = draw(st.permutations(NAMES))[: draw(st.integers(2, 6))]
    k = draw(st.integers(1, len(ranked)))
    return ranked, draw(judgements) | {ranked[draw(st.integers(0, k - 1))]: 2}, k


@st.composite
def rescaled(draw: st.DrawFn) -> tuple[Scores, Scores]:
    """Scores, and higher ones of the same order, told in another order."""
    scores = draw(all_scores)
    return scores, {item: 4 * scores[item] + 3 for item in draw(st.permutations(sorted(scores)))}


def long_rankings(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Arguments of the four functions, of 5,000 items each."""
    items = [f"item-{number}" for number in rng.permutation(5000).tolist()]
    scores = dict(zip(items, (rng.integers(0, 500, 5000) / 4).tolist(), strict=True))
    rels = dict(zip(items[::2], rng.integers(1, 5, 2500).tolist(), strict=True))
    relevant = set(items[1::3])
    return [(scores,), (items, rels, 5000), (items, relevant, 5000), ([items], [relevant])]
