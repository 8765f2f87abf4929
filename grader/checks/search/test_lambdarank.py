"""Hidden checks of search/lambdarank.

A check's docstring is the sentence that the learner reads; `spec` names the rules of the statement that it holds.
"""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lambdarank import delta_ndcg, fit_linear, lambdas

from grader import checking
from grader.checks.answers import about
from grader.checks.oracles.lambdas import (
    by_score,
    is_clear_lesson,
    is_clear_move,
    row_by_row,
    slow_delta,
    slow_fit,
    slow_lambdas,
    slow_loss,
)
from grader.checks.oracles.ranking import dcg
from grader.checks.strategies.query_groups import (
    Array,
    Group,
    Ranked,
    ks,
    lessons,
    moved_markets,
    ranked,
    reordered,
    sigmas,
)

LOG3, LOG5, LOG6 = math.log2(3), math.log2(5), math.log2(6)

# Gains 1, 0, 7, 0, 3 at ranks 3, 1, 5, 4, 2: the order by score, 1 4 0 3 2, isn't its own inverse.
COATS, COAT_SCORES = np.array([1, 0, 3, 0, 2]), np.array([0.5, 2.0, -1.0, 0.0, 1.0])

# Gains 0, 3, 1, 0 at ranks 1, 3, 2, 4. The scores are multiples of ln 2, so 1 + exp(s_i - s_j) is 1 + 2^m.
MUGS, MUG_SCORES = np.array([0, 2, 1, 0]), math.log(2) * np.array([2.0, 0.0, 1.0, -1.0])
MUG_IDEAL = 3 + 1 / LOG3

FIRST = (np.array([[1.0, 0], [2, 1], [0, 1]]), np.array([1, 0, 2]))
SECOND = (np.array([[1.0, 1], [0, 2]]), np.array([0, 1]))


def fitted(expected: Any) -> Any:
    """The same for weights, where every step adds to the rounding."""
    return pytest.approx(expected, rel=1e-6, abs=1e-9)


def _symmetric(upper: list[list[float]]) -> Array:
    """A matrix from its rows right of the diagonal, which is 0."""
    n = len(upper) + 1
    matrix = np.zeros((n, n))
    for i, row in enumerate(upper):
        matrix[i, i + 1 :] = matrix[i + 1 :, i] = row
    return matrix


def _shop(rng: np.random.Generator, truth: Array, n_queries: int) -> list[Group]:
    """Queries of ten items: some features say as much about the query as about the item, the grades compare items."""
    groups = []
    for _ in range(n_queries):
        features = rng.normal(size=(10, 4))
        places = by_score(features @ truth + rng.normal(0, 0.5, 10))
        labels = np.zeros(10, dtype=np.int64)
        labels[places[:5]] = [3, 2, 2, 1, 1]
        groups.append((features + rng.normal(0, 4, 4) * [1, 0, 0, 1], labels))
    return groups


def _ndcg(groups: list[Group], weights: Array) -> float:
    """Mean NDCG@5."""
    found = [dcg(labels[by_score(features @ weights)].tolist(), 5) for features, labels in groups]
    return float(np.mean(found)) / dcg([3, 2, 2, 1, 1], 5)


def _least_squares(groups: list[Group]) -> Array:
    """Weights that predict the label itself, with an intercept."""
    features = np.vstack([np.column_stack([features, np.ones(len(features))]) for features, _ in groups])
    solved: Array = np.linalg.lstsq(features, np.concatenate([labels for _, labels in groups]), rcond=None)[0]
    return solved[:-1]


@pytest.mark.interface(spec="G1", hint=1)
def test_answers_are_float64_arrays() -> None:
    """delta_ndcg gives (n, n), lambdas gives (n,), fit_linear gives (d,), each a float64 array."""
    answers = {"delta_ndcg": (delta_ndcg(MUGS, MUG_SCORES), (4, 4)), "lambdas": (lambdas(MUGS, MUG_SCORES), (4,))}
    answers["fit_linear"] = (fit_linear([FIRST], 0.5, 1), (2,))
    for name, (answer, shape) in answers.items():
        assert isinstance(answer, np.ndarray), f"{name} gives an array"
        assert answer.dtype == np.float64, f"{name} gives float64"
        assert answer.shape == shape, f"{name} gives an array of shape {shape}"


@pytest.mark.interface(spec="G1", hint=1)
def test_arguments_are_left_alone() -> None:
    """Labels, scores and features are the caller's: the same question has the same answer, whatever came before."""
    labels, scores = checking.resident(COATS.copy()), checking.resident(COAT_SCORES.copy())
    before = lambdas(labels, scores, 1.0, 2)
    delta_ndcg(labels, scores, 2)
    assert lambdas(labels, scores, 1.0, 2) == about(before)
    groups = checking.resident([(features.copy(), labels.copy()) for features, labels in (FIRST, SECOND)])
    first = fit_linear(groups, 0.5, 2)
    assert fit_linear(groups, 0.5, 2) == about(first)


@pytest.mark.examples(spec="D1 D2 D3 D4", hint=1)
def test_delta_is_what_a_swap_changes() -> None:
    """delta[i, j] is |(G_i - G_j) (D_i - D_j)| / IDCG, with the discounts of the ranks that the scores give."""
    expected = [
        [1 / 2, 6 * (1 / 2 - 1 / LOG6), 1 / 2 - 1 / LOG5, 2 * (1 / LOG3 - 1 / 2)],
        [7 * (1 - 1 / LOG6), 0, 3 * (1 - 1 / LOG3)],
        [7 * (1 / LOG5 - 1 / LOG6), 4 * (1 / LOG3 - 1 / LOG6)],
        [3 * (1 / LOG3 - 1 / LOG5)],
    ]
    assert delta_ndcg(COATS, COAT_SCORES) == about(_symmetric(expected) / (7 + 3 / LOG3 + 1 / 2))


@pytest.mark.examples(spec="D2 D3", hint=1)
def test_ranks_beyond_k_count_for_nothing() -> None:
    """With a k, items beyond rank k have discount 0, in IDCG too; pairs across rank k count, pairs beyond it don't."""
    expected = [[1, 0, 0, 2 / LOG3], [7, 0, 3 * (1 - 1 / LOG3)], [0, 4 / LOG3], [3 / LOG3]]
    assert delta_ndcg(COATS, COAT_SCORES, 2) == about(_symmetric(expected) / (7 + 3 / LOG3))


@pytest.mark.examples(spec="L1 L2", hint=2)
def test_lambdas_add_up_the_pushes_of_all_pairs() -> None:
    """A lambda adds up delta / (1 + exp(s_i - s_j)) over pairs: less it where the item is better, plus where worse."""
    # Of the pairs (better, worse): delta times IDCG, times 1 / (1 + 2^m).
    p10, p12, p13 = 3 / 2 * 4 / 5, 2 * (1 / LOG3 - 1 / 2) * 2 / 3, 3 * (1 / 2 - 1 / LOG5) / 3
    p20, p23 = (1 - 1 / LOG3) * 2 / 3, (1 / LOG3 - 1 / LOG5) / 5
    expected = np.array([p10 + p20, -p10 - p12 - p13, p12 - p20 - p23, p13 + p23]) / MUG_IDEAL
    assert lambdas(MUGS, MUG_SCORES) == about(expected)


@pytest.mark.examples(spec="L1 L2", hint=2)
def test_sigma_is_in_the_exponent_and_before_it() -> None:
    """Sigma multiplies the difference of the scores, and the whole push as well; k goes into delta."""
    # sigma = 2 makes 1 + 4^m of 1 + 2^m.
    p10, p12, p13 = 2 * 3 / 2 * 16 / 17, 2 * 2 * (1 / LOG3 - 1 / 2) * 4 / 5, 2 * 3 * (1 / 2 - 1 / LOG5) / 5
    p20, p23 = 2 * (1 - 1 / LOG3) * 4 / 5, 2 * (1 / LOG3 - 1 / LOG5) / 17
    expected = np.array([p10 + p20, -p10 - p12 - p13, p12 - p20 - p23, p13 + p23]) / MUG_IDEAL
    assert lambdas(MUGS, MUG_SCORES, 2.0) == about(expected)
    assert lambdas(MUGS, MUG_SCORES, 1.0, 1) == about(np.array([12 / 5 + 2 / 3, -12 / 5, -2 / 3, 0]) / 3)


@pytest.mark.examples(spec="F1", hint=3)
def test_first_step_of_learning() -> None:
    """At w = 0 items rank as they come and every sigmoid is 1/2; a step is -lr X'lambda."""
    # Gains 1, 0, 3 at ranks 1, 2, 3: what the pairs (0, 1), (2, 0) and (2, 1) push, times IDCG.
    p01, p20, p21 = (1 - 1 / LOG3) / 2, 2 * (1 / 2) / 2, 3 * (1 / LOG3 - 1 / 2) / 2
    up = np.array([p01 - p20, -p01 - p21, p20 + p21]) / MUG_IDEAL
    expected = 0.5 * np.array([up[0] + 2 * up[1], up[1] + up[2]])
    assert fit_linear([FIRST], 0.5, 1) == fitted(expected)


@pytest.mark.examples(spec="F1", hint=3)
def test_every_query_is_a_step_of_its_own() -> None:
    """The queries of an epoch take their steps one after another, each with the weights that the last one left."""
    # SECOND is one pair, and its delta is 1 - 1 / log2(3) whichever item is ahead. At w = 0 its sigmoid is 1/2.
    push = (1 - 1 / LOG3) * 2
    w = push / 2 * np.array([-1.0, 1.0])
    w = w + push / (1 + math.exp(w[1] - w[0])) * np.array([-1.0, 1.0])
    assert fit_linear([SECOND], 2.0, 2) == fitted(w)
    w = push / 2 * np.array([-1.0, 1.0])
    # Then FIRST has the scores -t, -t and t: ranks 2, 3, 1, so gains 1, 0, 3 are in the best order.
    t = w[1]
    p01, p20, p21 = (1 / LOG3 - 1 / 2) / 2, 2 * (1 - 1 / LOG3) / (1 + math.exp(2 * t)), 3 / 2 / (1 + math.exp(2 * t))
    up = np.array([p01 - p20, -p01 - p21, p20 + p21]) / MUG_IDEAL
    assert fit_linear([SECOND, FIRST], 2.0, 1) == fitted(w + 2 * np.array([up[0] + 2 * up[1], up[1] + up[2]]))


@pytest.mark.edges(spec="D1", hint=1)
def test_equal_scores_rank_by_index() -> None:
    """Items with equal scores have ranks of their own, the one of lower index first, so a swap of them counts."""
    labels, apart = np.array([2, 0, 1, 0]), delta_ndcg(np.array([2, 0, 1, 0]), np.array([1.0, 0.5, 3.0, 0.0]))
    assert np.max(apart) > 0, "ranks 2, 3, 1, 4: swaps change something"
    assert delta_ndcg(labels, np.array([1.0, 1.0, 3.0, 1.0])) == about(apart)
    # Many items, because a few are sorted stably by any method.
    labels, places = np.arange(40) % 3, np.arange(40.0)
    assert delta_ndcg(labels, places % 2) == about(delta_ndcg(labels, places % 2 - places / 64))


@pytest.mark.edges(spec="D4 L1", hint=1)
def test_where_nothing_can_be_gained_all_is_zero() -> None:
    """Without items, with one, with nothing relevant, with equal labels, or with k = 0, delta and lambda are 0."""
    for labels, k in (([], None), ([2], None), ([0, 0, 0], None), ([3, 3], None), ([2, 0, 1], 0)):
        n = len(labels)
        scores = np.arange(n) / 2
        assert delta_ndcg(np.array(labels, dtype=np.int64), scores, k) == about(np.zeros((n, n)))
        assert lambdas(np.array(labels, dtype=np.int64), scores, 1.0, k) == about(np.zeros(n))


@pytest.mark.edges(spec="G1 D2", hint=1)
def test_labels_may_be_small_integers_or_floats() -> None:
    """Labels that are stored as int8, uint8 or float64 mean what they mean as int64, up to grade 30."""
    scores = np.array([0.5, 2.0, 1.0])
    for dtype in (np.int8, np.uint8, np.float64):
        for labels in ([7, 0, 9], [30, 8, 0]):
            wide = np.array(labels, dtype=np.int64)
            delta, push = delta_ndcg(wide, scores), lambdas(wide, scores)
            assert np.max(delta) > 0, "swaps change something"
            assert delta_ndcg(wide.astype(dtype), scores) == about(delta)
            assert lambdas(wide.astype(dtype), scores) == about(push)


@pytest.mark.edges(spec="L3", hint=2)
def test_scores_far_apart_overflow_nothing() -> None:
    """However far apart scores are, a pair in the wrong order is pushed by sigma delta, one in the right order by 0."""
    delta = delta_ndcg(np.array([0, 1]), np.array([5.0, 4.0]))[0, 1]
    assert delta > 0, "a swap of the two changes something"
    for far in (500.0, 1e6):
        assert lambdas(np.array([0, 1]), np.array([far, -far])) == about(np.array([delta, -delta]))
        assert lambdas(np.array([1, 0]), np.array([far, -far])) == about(np.zeros(2))
    assert lambdas(np.array([0, 1]), np.array([1e6, -1e6]), 10.0) == about(np.array([10 * delta, -10 * delta]))


@pytest.mark.edges(spec="G2 G4", hint=1)
def test_labels_and_scores_that_cannot_be_are_refused() -> None:
    """A negative label, NaN or infinity in labels or scores, or labels and scores of different lengths: ValueError."""
    wrong = [([0, -1], [1.0, 2]), ([0, math.nan], [1.0, 2]), ([math.inf, 0], [1.0, 2]), ([1], [1.0, 2])]
    wrong += [([0, 0], [1.0, math.nan]), ([1, 0], [math.inf, 2.0]), ([1, 0], [-math.inf, 2.0]), ([], [1.0])]
    for labels, scores in wrong:
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            delta_ndcg(np.array(labels), np.array(scores))
        with pytest.raises(ValueError):  # noqa: PT011
            lambdas(np.array(labels), np.array(scores))


@pytest.mark.edges(spec="G3 G4", hint=1)
def test_parameters_that_cannot_be_are_refused() -> None:
    """A negative k, or a sigma that is 0, negative, NaN or infinite, raises ValueError, without items too."""
    for labels, scores in ((MUGS, MUG_SCORES), (MUGS[:0], MUG_SCORES[:0])):
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            delta_ndcg(labels, scores, -1)
        with pytest.raises(ValueError):  # noqa: PT011
            lambdas(labels, scores, 1.0, -2)
        for sigma in (0.0, -1.0, math.nan, math.inf):
            with pytest.raises(ValueError):  # noqa: PT011
                lambdas(labels, scores, sigma)


@pytest.mark.edges(spec="F2", hint=3)
def test_without_steps_the_weights_are_zero() -> None:
    """0 epochs, or a learning rate of 0, give zeros; a query without items changes nothing."""
    assert fit_linear([FIRST, SECOND], 0.5, 0) == about(np.zeros(2))
    assert fit_linear([FIRST, SECOND], 0.0, 3) == about(np.zeros(2))
    nothing = (np.zeros((0, 2)), np.array([], dtype=np.int64))
    learnt = fit_linear([SECOND], 2.0, 1)
    assert np.any(learnt), "one query with items teaches something"
    assert fit_linear([nothing, SECOND, nothing], 2.0, 1) == fitted(learnt)
    assert fit_linear([nothing], 2.0, 1) == about(np.zeros(2))


@pytest.mark.edges(spec="F3 G2 G3 G4", hint=3)
def test_lessons_that_cannot_be_are_refused() -> None:
    """No queries, an X that doesn't fit the others or its labels, anything not finite or negative: ValueError."""
    x, y = FIRST
    bad_groups = [[], [FIRST, (x[:, :1], y)], [FIRST, (x[:2], y)], [FIRST, (x, np.array([0, -1, 2]))]]
    bad_groups += [[FIRST, (np.where(x == 2, bad, x), y)] for bad in (math.nan, math.inf)]
    for groups in bad_groups:
        for epochs in (1, 0):
            with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
                fit_linear(groups, 0.5, epochs)
    for lr, epochs, sigma in ((-0.5, 1, 1.0), (math.nan, 1, 1.0), (math.inf, 1, 1.0), (0.5, -1, 1.0), (0.5, 0, 0.0)):
        with pytest.raises(ValueError):  # noqa: PT011
            fit_linear([FIRST], lr, epochs, sigma)


@pytest.mark.properties(spec="L1 L2", hint=2)
@given(ranked(ties=True), sigmas, ks)
def test_best_rise_and_worst_fall(query: Ranked, sigma: float, k: int | None) -> None:
    """The lambdas of a query add up to 0; nothing pushes a best item down, nor a worst item up."""
    found = np.asarray(lambdas(query.labels, query.scores, sigma, k))
    assert found.any(), "two labels differ, so somebody is pushed"
    assert abs(found.sum()) < 1e-10, "what one item gains, another loses: the sum is 0"
    assert np.all(found[query.labels == query.labels.max()] < 1e-12), "an item of the best label is never pushed down"
    assert np.all(found[query.labels == query.labels.min()] > -1e-12), "an item of the worst label is never pushed up"


@pytest.mark.properties(spec="D1 L1", hint=2)
@given(ranked(ties=True), st.sampled_from([-32.0, -3.0, 5.0, 64.0]), ks)
def test_only_differences_of_scores_count(query: Ranked, shift: float, k: int | None) -> None:
    """The same number added to every score changes no lambda; doubling all scores is doubling sigma, halved again."""
    found = np.asarray(lambdas(query.labels, query.scores, 1.0, k))
    assert found.any(), "two labels differ, so somebody is pushed"
    moved = np.asarray(lambdas(query.labels, query.scores + shift, 1.0, k))
    assert np.allclose(moved, found, rtol=1e-9, atol=1e-12), f"{shift} more for every score: the lambdas stay"
    doubled = np.asarray(lambdas(query.labels, 2 * query.scores, 1.0, k))
    steeper = np.asarray(lambdas(query.labels, query.scores, 2.0, k))
    assert np.allclose(steeper, 2 * doubled, rtol=1e-9, atol=1e-12), "sigma = 2 is twice the lambdas of doubled scores"


@pytest.mark.properties(spec="D1 L2", hint=1)
@given(reordered(), ks)
def test_order_of_the_items_is_irrelevant(mixed: tuple[Ranked, list[int]], k: int | None) -> None:
    """The same items in another order have the same deltas and lambdas, as long as no two scores are equal."""
    (labels, scores), order = mixed
    delta, moved = np.asarray(delta_ndcg(labels, scores, k)), np.asarray(delta_ndcg(labels[order], scores[order], k))
    assert delta.any(), "two labels differ, so some swap changes something"
    assert np.allclose(moved, delta[np.ix_(order, order)], rtol=1e-9, atol=1e-12), f"the items in the order {order}"
    push, other = np.asarray(lambdas(labels, scores, 1.0, k)), np.asarray(lambdas(labels[order], scores[order], 1.0, k))
    assert np.allclose(other, push[order], rtol=1e-9, atol=1e-12), f"the items in the order {order}"


@pytest.mark.properties(spec="F1", hint=3)
@given(moved_markets().filter(is_clear_move))
def test_what_a_query_has_in_common_teaches_nothing(move: tuple[list[Group], list[Group], float]) -> None:
    """The same number added to a feature of all items of a query changes no weight."""
    groups, moved, lr = move
    before, after = np.asarray(fit_linear(groups, lr, 2)), np.asarray(fit_linear(moved, lr, 2))
    assert before.any(), "in every query two labels differ, so something is learnt"
    assert np.allclose(after, before, rtol=1e-6, atol=1e-9), "a feature moved for all items of a query alike"


@pytest.mark.oracle(spec="D1 D2 D3 D4", hint=1)
@given(ranked(ties=True), ks)
def test_delta_agrees_with_swapping(query: Ranked, k: int | None) -> None:
    """delta[i, j] equals the change of NDCG@k when i and j are really swapped and NDCG is computed anew."""
    assert delta_ndcg(query.labels, query.scores, k) == about(slow_delta(query.labels, query.scores, k))


@pytest.mark.oracle(spec="L1 L2", hint=2)
@given(ranked(), sigmas, ks)
def test_lambda_is_a_slope(query: Ranked, sigma: float, k: int | None) -> None:
    """A lambda is the slope of sum delta log(1 + exp(-sigma (s_i - s_j))) in that score, with delta held still."""
    delta, step = slow_delta(query.labels, query.scores, k), 1e-5
    slopes = []
    for nudge in step * np.eye(len(query.labels)):
        rise = slow_loss(query.labels, query.scores + nudge, delta, sigma)
        slopes.append((rise - slow_loss(query.labels, query.scores - nudge, delta, sigma)) / (2 * step))
    assert lambdas(query.labels, query.scores, sigma, k) == pytest.approx(np.array(slopes), rel=1e-5, abs=1e-8)


@pytest.mark.oracle(spec="L1 L2 D4", hint=2)
@given(ranked(ties=True), sigmas, ks)
def test_lambdas_agree_with_a_slow_definition(query: Ranked, sigma: float, k: int | None) -> None:
    """Lambdas equal those computed for one pair at a time, by the definition."""
    assert lambdas(query.labels, query.scores, sigma, k) == about(slow_lambdas(query.labels, query.scores, sigma, k))


@pytest.mark.oracle(spec="F1", hint=3)
@given(lessons().filter(is_clear_lesson))
def test_weights_agree_with_a_slow_definition(lesson: tuple[list[Group], float, int, float]) -> None:
    """Weights equal those computed one query and one pair at a time, by the definition."""
    assert fit_linear(*lesson) == fitted(slow_fit(*lesson))


@pytest.mark.data(spec="F1", hint=3)
def test_ranks_better_than_least_squares() -> None:
    """Where the level of a feature belongs to the query, a ranker that compares within queries beats least squares."""
    rng = np.random.default_rng(4)
    truth = np.array([1.0, -1.0, 0.8, 0.5])
    seen, held_out = _shop(rng, truth, 100), _shop(rng, truth, 50)
    weights = np.asarray(fit_linear(seen, 0.1, 5))
    found, squares = _ndcg(held_out, weights), _ndcg(held_out, _least_squares(seen))
    bar = (squares + _ndcg(held_out, truth)) / 2
    assert found >= bar, f"NDCG@5 is {found:.3f}, of least squares {squares:.3f}; midway to the truth is {bar:.3f}"


@pytest.mark.speed(spec="L4", hint=2, seconds=20)
def test_is_fast_enough_for_a_long_list() -> None:
    """2,000 items take at most 5 times the CPU time of a loop over rows with numpy inside, plus 50 ms."""
    rng = np.random.default_rng(8)
    bar = mine = math.inf
    for _ in range(3):
        labels, scores = rng.integers(0, 5, 2000), rng.normal(size=2000)
        slow, found = checking.timed(row_by_row, labels, scores), checking.timed(lambdas, labels, scores)
        bar, mine = min(bar, slow.seconds), min(mine, found.seconds)
        right = np.shape(found.answer) == (2000,) and np.allclose(found.answer, slow.answer, rtol=1e-6, atol=1e-9)
        assert right, "the lambdas of 2,000 items are those of the definition"
        if mine <= 5 * bar + 0.05:
            return
    pytest.fail(f"{mine:.2f} s of CPU; a loop over rows with numpy inside takes {bar:.2f} s")
