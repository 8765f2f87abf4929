"""Hidden checks of search/slate_rerank.

A check's docstring is the sentence that the learner reads; `spec` names the rules of the statement that it holds.
Relevance, similarity and λ are drawn from multiples of 1/8 and 1/4, so that equal values are equal in float64 too,
however they are computed.
"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slate_rerank import fuse, mmr, pareto_front

from grader import checking, datasets
from grader.checks.answers import about, as_list
from grader.checks.strategies.slates import Matrix, Scores, Slate, Weights, clouds, lams, shelves, slates, symmetric

SHELF = {"ctr": np.array([0.04, 0.25, 0.09]), "cvr": np.array([0.02, 0.01, 0.05]), "price": np.array([400.0, 25, 900])}
# Item 2 is in a dent: it beats nothing and nothing beats it, and no weighted sum puts it first. 3 is its shadow.
DENT = np.array([[4.0, 0], [0, 4], [1.5, 1.5], [1.5, 1], [1.5, 1.5], [0, 3]])
COSTS = np.array([[1.0, 2, -3], [1, 2, -4], [2, 1, -3], [0, 5, -9], [2, 1, -3], [1, 1, -3]])


# The gaps between the two highest values of a choice are 0.02 and more.
DRESSES = np.array([0.03, 0.24, 0.58, 0.21]), symmetric(4, [0, 0.8, 0, 0.9, 0.9, 0.3])
SHOES = (
    np.array([0.7, 0.7, 0.9, 0.6, 0.8]),
    symmetric(5, [0.6, 0.5, 0.6, 0.6, 0.4, 0.2, 0.6, 0.5, 0.9, 0.0]),
)


def _fused(scores: Scores, weights: Weights) -> Matrix:
    """By the definition, one item at a time."""
    columns = [(column.tolist(), weights[name]) for name, column in scores.items()]
    n = len(columns[0][0])
    return np.array([math.prod(column[i] ** weight for column, weight in columns) for i in range(n)])


def _beats(winner: list[float], loser: list[float]) -> bool:
    pairs = list(zip(winner, loser, strict=True))
    return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)


def _front(points: Matrix) -> list[int]:
    """By the definition, two points at a time."""
    rows = points.tolist()
    return [i for i, row in enumerate(rows) if not any(_beats(other, row) for other in rows)]


def _chosen(slate: Slate, k: int, lam: float) -> list[int]:
    """By the definition, every maximum computed anew."""
    relevance, similarity = (part.tolist() for part in slate)
    chosen: list[int] = []

    def value(i: int) -> float:
        return float(lam * relevance[i] - (1 - lam) * max((similarity[i][j] for j in chosen), default=0))

    while len(chosen) < min(k, len(relevance)):
        chosen.append(max((i for i in range(len(relevance)) if i not in chosen), key=lambda i: (value(i), -i)))
    return chosen


def _one_step_an_item(relevance: Matrix, similarity: Matrix, k: int, lam: float) -> list[int]:
    """The slowest choice that we accept: plain Python, a running maximum."""
    values = relevance.tolist()
    nearest: dict[int, float] = dict.fromkeys(range(len(values)), 0.0)
    chosen: list[int] = []
    for _ in range(k):
        best, most = -1, -math.inf
        for i, near in nearest.items():
            value = lam * values[i] - (1 - lam) * near
            if value > most:
                best, most = i, value
        del nearest[best]
        row = similarity[best].tolist()
        for i, near in nearest.items():
            nearest[i] = max(near, row[i]) if chosen else row[i]
        chosen.append(best)
    return chosen


def _likeness_within(similarity: Matrix, chosen: list[int]) -> float:
    """Mean similarity of two different items of a page."""
    return float(similarity[np.ix_(chosen, chosen)][np.triu_indices(len(chosen), 1)].mean())


@pytest.mark.interface(spec="G1 F1 P1 M1", hint=1)
def test_answers_are_an_array_and_lists_of_ints() -> None:
    """`fuse` gives one float64 per item; `pareto_front` and `mmr` give lists of plain Python ints."""
    fused = fuse(SHELF, {"ctr": 1.0, "cvr": 1.0, "price": 0.5})
    assert isinstance(fused, np.ndarray), "fuse gives an array"
    assert fused.dtype == np.float64, "fuse gives float64"
    assert fused.shape == (3,), "fuse gives one number per item"
    for answer in (pareto_front(DENT), mmr(*DRESSES, 2, 0.7)):
        assert isinstance(answer, list), "pareto_front and mmr give lists"
        assert all(type(index) is int for index in answer), "pareto_front and mmr give plain Python ints"


@pytest.mark.interface(spec="G1", hint=1)
def test_arguments_are_left_alone() -> None:
    """What you are given is the caller's: the same question has the same answer, whatever was asked before."""
    scores = checking.resident({name: column.copy() for name, column in SHELF.items()})
    weights = checking.resident({"ctr": 1.0, "cvr": 2.0, "price": 0.5})
    fused = fuse(scores, weights)
    assert fuse(scores, weights) == pytest.approx(fused)
    points = checking.resident(COSTS.copy())
    front = pareto_front(points)
    assert as_list(pareto_front(points)) == as_list(front)
    relevance, similarity = (checking.resident(part.copy()) for part in SHOES)
    page = mmr(relevance, similarity, 3, 0.7)
    assert as_list(mmr(relevance, similarity, 3, 0.7)) == as_list(page)


@pytest.mark.examples(spec="F1", hint=2)
def test_fuse_multiplies_powers() -> None:
    """The fused score is the product of the objectives, each to the power of the weight that has its name."""
    # 0.2 · 0.02 · 20, 0.5 · 0.01 · 5 and 0.3 · 0.05 · 30.
    assert fuse(SHELF, {"price": 0.5, "ctr": 0.5, "cvr": 1.0}) == about(np.array([0.08, 0.025, 0.45]))
    assert fuse(SHELF, {"price": 1.5, "ctr": 0.5, "cvr": 1.0}) == about(np.array([32, 0.625, 405]))


@pytest.mark.examples(spec="P1 P2", hint=2)
def test_front_keeps_what_nothing_beats() -> None:
    """On the front is what no other point beats: as high in every objective, and higher in at least one."""
    assert as_list(pareto_front(DENT)) == [0, 1, 2, 4]
    assert as_list(pareto_front(COSTS)) == [0, 2, 3, 4]


@pytest.mark.examples(spec="M1", hint=2)
def test_mmr_weighs_relevance_against_the_nearest() -> None:
    """Each choice is the highest λ · relevance - (1 - λ) · similarity to the nearest of all that are chosen already."""
    assert as_list(mmr(*DRESSES, 4, 0.7)) == [2, 3, 1, 0]
    assert as_list(mmr(*SHOES, 5, 0.7)) == [2, 1, 0, 4, 3]
    assert as_list(mmr(*SHOES, 3, 0.7)) == [2, 1, 0]


@pytest.mark.edges(spec="F2", hint=1)
def test_zeros_in_a_product() -> None:
    """A score of 0 makes the product 0; with weight 0 an objective has no say, even where its score is 0."""
    scores = {"ctr": np.array([0.0, 0.5, 0.0]), "price": np.array([1e6, 4.0, 0.0])}
    assert fuse(scores, {"ctr": 0.5, "price": 1.0}) == about(np.array([0, math.sqrt(8), 0]))
    assert fuse(scores, {"ctr": 0.0, "price": 0.5}) == about(np.array([1000.0, 2, 0]))
    assert fuse(scores, {"ctr": 0.0, "price": 0.0}) == about(np.ones(3))
    assert fuse({"ctr": np.zeros(0), "price": np.zeros(0)}, {"ctr": 1.0, "price": 0.5}) == about(np.zeros(0))


@pytest.mark.edges(spec="P2 P3", hint=1)
def test_fronts_of_few_and_of_equal_points() -> None:
    """Equal points stand or fall together; one objective leaves all of its maxima; without points there is no front."""
    assert as_list(pareto_front(np.array([[2.0, -1], [2, -1], [1, -1], [2, -1]]))) == [0, 1, 3]
    assert as_list(pareto_front(np.array([[-3.0], [-1], [-2], [-1]]))) == [1, 3]
    assert as_list(pareto_front(np.array([[5.0, 5, 5]]))) == [0]
    assert as_list(pareto_front(np.zeros((0, 3)))) == []


@pytest.mark.edges(spec="M1 M2", hint=3)
def test_equal_values_by_lower_index() -> None:
    """Of items with equal values the lower index is chosen, also where λ = 0 and the first choice is among equals."""
    relevance, similarity = np.array([0.5, 1, 0.5, 1]), symmetric(4, [0, 0, 0, 0, 0, 0])
    assert as_list(mmr(relevance, similarity, 4, 0.5)) == [1, 3, 0, 2]
    assert as_list(mmr(relevance, symmetric(4, [0.5, 0.25, 0.25, 0, 0, 0]), 3, 0.0)) == [0, 2, 3]


@pytest.mark.edges(spec="M4", hint=3)
def test_similarity_may_be_negative() -> None:
    """A similarity below 0 raises the value; what stands on the diagonal changes nothing."""
    relevance, above = np.array([0.25, 1.0, 0.5]), [-0.75, 0, 0]
    for diagonal in (1.0, 0.0, -8.0, 8.0):
        assert as_list(mmr(relevance, symmetric(3, above, diagonal), 3, 0.5)) == [1, 0, 2]


@pytest.mark.edges(spec="M3", hint=3)
def test_chooses_no_more_than_there_is() -> None:
    """If there are fewer than k items all of them are chosen; k = 0, or no items, gives an empty list."""
    assert as_list(mmr(*DRESSES, 9, 0.7)) == [2, 3, 1, 0]
    assert as_list(mmr(*DRESSES, 0, 0.7)) == []
    assert as_list(mmr(np.zeros(0), np.zeros((0, 0)), 3, 0.5)) == []


@pytest.mark.edges(spec="G1", hint=1)
def test_integers_are_numbers_too() -> None:
    """Arrays of small integers, signed or not, give the same answers as floats."""
    scores = {"price": np.array([200, 3], dtype=np.uint8), "stars": np.array([100, 4], dtype=np.int8)}
    assert fuse(scores, {"price": 2, "stars": 1}) == about(np.array([4_000_000.0, 36]))
    assert fuse(scores, {"price": 0, "stars": 0.5}) == about(np.array([10.0, 2]))
    assert as_list(pareto_front(np.array([[0, 200], [0, 7], [100, 0]], dtype=np.uint8))) == [0, 2]
    likes = np.array([[100, 100, 0], [100, 100, 90], [0, 90, 100]], dtype=np.int8)
    assert as_list(mmr(np.array([200, 180, 90], dtype=np.uint8), likes, 3, 0.5)) == [0, 2, 1]


@pytest.mark.edges(spec="F3", hint=1)
def test_scores_that_cannot_be_fused_are_refused() -> None:
    """Other names than the weights', no names, other lengths, or a number negative, NaN or infinite: ValueError."""
    ctr, two = np.array([0.5, 0.25]), {"ctr": 1.0, "price": 1.0}
    for wrong in (np.array([1.0, -1]), np.array([1.0, math.nan]), np.array([1.0, math.inf])):
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            fuse({"ctr": ctr, "price": wrong}, two)
    for misshapen in (np.array([1.0]), np.array([1.0, 2, 3]), np.ones((2, 2))):
        with pytest.raises(ValueError):  # noqa: PT011
            fuse({"ctr": ctr, "price": misshapen}, two)
    for weight in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError):  # noqa: PT011
            fuse({"ctr": ctr, "price": ctr}, {"ctr": 1.0, "price": weight})
    for names in ({"ctr": 1.0}, two | {"cvr": 1.0}, {"ctr": 1.0, "cost": 1.0}, {}):
        with pytest.raises(ValueError):  # noqa: PT011
            fuse({"ctr": ctr, "price": ctr}, names)
    with pytest.raises(ValueError):  # noqa: PT011
        fuse({}, {})


@pytest.mark.edges(spec="P4", hint=1)
def test_points_that_cannot_be_are_refused() -> None:
    """Points that aren't of two dimensions, or hold NaN or infinity, raise ValueError."""
    for wrong in (np.array([1.0, 2]), np.ones((2, 2, 2)), np.array([[1.0, math.nan]]), np.array([[1.0], [-math.inf]])):
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            pareto_front(wrong)


@pytest.mark.edges(spec="M5", hint=1)
def test_slates_that_cannot_be_are_refused() -> None:
    """Shapes that don't fit, NaN or infinity, a negative k, or a λ that is NaN or outside 0 to 1: ValueError."""
    relevance, similarity = DRESSES
    for k, lam in ((-1, 0.5), (2, -0.25), (2, 1.25), (2, math.nan)):
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            mmr(relevance, similarity, k, lam)
    for wrong in (relevance[:3], relevance[:, np.newaxis], np.array([0.5, math.nan, 0.5, 0.5])):
        with pytest.raises(ValueError):  # noqa: PT011
            mmr(wrong, similarity, 2, 0.5)
    for wrong in (similarity[:3], similarity[:, :3], similarity[0], np.where(similarity == 0.3, math.inf, similarity)):
        with pytest.raises(ValueError):  # noqa: PT011
            mmr(relevance, wrong, 2, 0.5)


@pytest.mark.properties(spec="F1", hint=1)
@given(shelves(), st.sampled_from([100.0, 0.01, 3.0]))
def test_units_change_no_order(shelf: tuple[Scores, Weights], factor: float) -> None:
    """An objective in other units, c times as high, makes every fused score c^weight times as high."""
    scores, weights = shelf
    name = min(scores)
    before = np.asarray(fuse(scores, weights))
    assert np.isfinite(before).all(), "a product of powers is a finite number"
    after = np.asarray(fuse(scores | {name: scores[name] * factor}, weights))
    assert after == about(before * factor ** weights[name])


@pytest.mark.properties(spec="P1", hint=2)
@given(clouds(), st.permutations([0, 1, 2]), st.sampled_from([0.125, 1000.0]))
def test_front_knows_neither_units_nor_columns(points: Matrix, order: list[int], factor: float) -> None:
    """The front stays the same if the objectives change places, or one of them its unit and its zero."""
    other = points[:, [column for column in order if column < points.shape[1]]].copy()
    other[:, 0] = factor * other[:, 0] - 7
    front = as_list(pareto_front(points))
    assert front, "something is always on the front"
    assert as_list(pareto_front(other)) == front


@pytest.mark.properties(spec="M1 M3", hint=2)
@given(slates(), st.sampled_from([2, 3, 1]), lams)
def test_a_shorter_page_begins_the_longer(slate: Slate, k: int, lam: float) -> None:
    """The k items chosen are different ones, and the first k of those chosen for a longer page."""
    page, n = as_list(mmr(*slate, k, lam)), len(slate[0])
    whole = as_list(mmr(*slate, n, lam))
    assert isinstance(whole, list), "mmr gives a list"
    assert sorted(whole) == list(range(n)), "with k = N every item is chosen once"
    assert page == whole[:k]


@pytest.mark.properties(spec="M1 M2", hint=1)
@given(slates())
def test_lambda_of_one_sorts_by_relevance(slate: Slate) -> None:
    """With λ = 1 similarity has no say: the items come by relevance, equal ones by index."""
    expected = np.argsort(-slate[0], kind="stable").tolist()
    assert as_list(mmr(*slate, len(expected), 1.0)) == expected


@pytest.mark.properties(spec="M1 M4", hint=3)
@given(slates(), lams, st.sampled_from([-2.0, -0.5, 1.0]))
def test_only_differences_of_similarity_matter(slate: Slate, lam: float, shift: float) -> None:
    """If every similarity grows or shrinks by the same number, the choice stays the same."""
    relevance, similarity = slate
    n = len(relevance)
    page = as_list(mmr(relevance, similarity, n, lam))
    assert page, "with k = N every item is chosen"
    assert as_list(mmr(relevance, similarity + shift, n, lam)) == page


@pytest.mark.oracle(spec="F1 F2", hint=2)
@given(shelves())
def test_fuse_agrees_with_a_slow_definition(shelf: tuple[Scores, Weights]) -> None:
    """Fused scores equal those computed for one item at a time, by the definition."""
    assert fuse(*shelf) == about(_fused(*shelf))


@pytest.mark.oracle(spec="P1 P2", hint=2)
@given(clouds())
def test_front_agrees_with_a_slow_definition(points: Matrix) -> None:
    """The front equals the one found by comparing every two points."""
    assert as_list(pareto_front(points)) == _front(points)


@pytest.mark.oracle(spec="M1 M2 M3 M4", hint=3)
@given(slates(), st.sampled_from([6, 4, 3, 2]), lams)
def test_mmr_agrees_with_a_slow_definition(slate: Slate, k: int, lam: float) -> None:
    """The items chosen, and their order, equal those found with every value computed anew for every choice."""
    assert as_list(mmr(*slate, k, lam)) == _chosen(slate, k, lam)


@pytest.mark.data(spec="F1 M1", hint=2)
def test_pages_get_more_varied_at_little_cost() -> None:
    """In a small shop, pages of ten are much more varied with λ = 0.5 than with λ = 1, and hardly less relevant."""
    shop = datasets.shop(22, datasets.Size(users=12, items=120, slates=20))
    of = shop.products
    attributes = np.array([of.category, of.brand, of.colour, of.style, of.audience])
    similarity = (attributes[:, :, np.newaxis] == attributes[:, np.newaxis]).mean(axis=0)
    likeness_of, relevance_of = {0.5: 0.0, 1.0: 0.0}, {0.5: 0.0, 1.0: 0.0}
    quality, weights = np.exp(of.quality), {"taste": 1.0, "quality": 0.5}
    for taste in np.exp(shop.affinity):
        fused = np.asarray(fuse({"taste": taste, "quality": quality}, weights))
        relevance = fused / (1 + fused)
        for lam in (0.5, 1.0):
            page = list(mmr(relevance, similarity, 10, lam))
            likeness_of[lam] += _likeness_within(similarity, page)
            relevance_of[lam] += relevance[page].mean()
    # Seeds 22 and 0 to 4: likeness .68 .73 .67 .63 .67 .62 of that with λ = 1, relevance .95 to .96.
    likeness_ratio, kept = likeness_of[0.5] / likeness_of[1.0], relevance_of[0.5] / relevance_of[1.0]
    assert likeness_ratio <= 0.8, f"two items of a page are {likeness_ratio:.2f} times as alike as with λ = 1"
    assert kept >= 0.9, f"the pages keep {kept:.2f} of the relevance that they have with λ = 1"


@pytest.mark.speed(spec="M6", hint=3, seconds=20)
def test_a_choice_takes_one_step_an_item() -> None:
    """Ordering 1,500 items takes at most 5 times the CPU time of one step of plain Python per item and choice."""
    bar = mine = math.inf
    rng = np.random.default_rng(3)
    for _ in range(3):
        # Multiples of 1/1024 and 1/512: whatever is equal on paper is equal in float64.
        relevance, vectors = rng.integers(0, 4096, 1500) / 1024, rng.integers(-8, 9, (1500, 8))
        similarity = vectors @ vectors.T / 512
        slow = checking.timed(_one_step_an_item, relevance, similarity, 1500, 0.5)
        found = checking.timed(mmr, relevance, similarity, 1500, 0.5)
        bar, mine = min(bar, slow.seconds), min(mine, found.seconds)
        assert as_list(found.answer) == slow.answer, "1,500 items come in the order of the definition"
        if mine <= 5 * bar + 0.05:
            return
    pytest.fail(f"{mine:.2f} s of CPU; one step of plain Python per item and choice takes {bar:.2f} s")
