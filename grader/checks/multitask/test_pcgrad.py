"""Hidden checks of multitask/pcgrad.

A check's docstring is the sentence that the learner reads; `spec` names the rules of the statement that it holds.
Projections are continuous in their arguments, also where a conflict begins, so rounding never decides anything here.
"""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from pcgrad import conflict_matrix, pcgrad, project

from grader import checking
from grader.checks.oracles.gradient_surgery import exact_projection, exact_surgery, fractions_of, loops_over_tasks
from grader.checks.oracles.similarity import cosine_of
from grader.checks.strategies.gradients import (
    Array,
    Orders,
    Tasks,
    agreeing,
    are_parallel,
    conflicting,
    factors,
    mirrored,
    opposed,
    relabelled,
    two_vectors,
)

# Tasks 0 and 2 agree. What is left of either comes to conflict with the other once it has met task 1.
TRIANGLE = np.array([[-2.0, 0, -2], [2, -1, 1], [-1, 1, 0]])
UPWARDS, DOWNWARDS = [[1, 2], [0, 2], [0, 1]], [[2, 1], [2, 0], [1, 0]]


def about(expected: Any, largest: float = 4.0) -> Any:
    """The expected value, up to 1e-9 of the largest entry."""
    return pytest.approx(np.asarray(expected, float), rel=1e-9, abs=1e-9 * largest)


@pytest.mark.interface(spec="G1", hint=1)
def test_answers_are_float64_arrays() -> None:
    """`conflict_matrix` gives T x T, `project` and `pcgrad` give (P,): arrays of float64, also for whole numbers."""
    two = np.array([[-2, 0, -2], [-1, 1, 0]])  # whole numbers, and no conflict
    answers = ((conflict_matrix(two), (2, 2)), (project(two[0], two[1]), (3,)), (pcgrad(two, [[1], [0]]), (3,)))
    for answer, shape in answers:
        assert isinstance(answer, np.ndarray), "all three functions give arrays"
        assert answer.dtype == np.float64, "all three functions give float64"
        assert answer.shape == shape, "conflict_matrix gives T x T, project and pcgrad give (P,)"


@pytest.mark.interface(spec="G1", hint=2)
def test_the_gradients_are_left_alone() -> None:
    """The gradients are the caller's: the same question about them has the same answer, whatever was asked before."""
    untouched = project(TRIANGLE[0], TRIANGLE[1]), project(TRIANGLE[1], TRIANGLE[0]), pcgrad(TRIANGLE, UPWARDS)
    assert any(np.any(answer) for answer in untouched), "these gradients don't cancel out"
    g, onto = checking.resident(TRIANGLE[0].copy()), checking.resident(TRIANGLE[1].copy())
    grads, orders = checking.resident(TRIANGLE.copy()), checking.resident([list(others) for others in UPWARDS])
    conflict_matrix(grads)
    pcgrad(grads, orders)
    again = project(g, onto), project(onto, g), pcgrad(grads, orders)
    for first, second in zip(untouched, again, strict=True):
        assert second == pytest.approx(first), "the same gradients have the same answer"


@pytest.mark.examples(spec="C1", hint=1)
def test_cosines_of_four_gradients() -> None:
    """The conflict matrix holds the cosine of every two gradients, that of agreeing ones too."""
    grads = np.array([[3.0, 0, 4], [-1, 2, -2], [0, 0, 2], [4, 0, 3]])  # norms 5, 3, 2 and 5
    dots = np.array([[25, -11, 8, 24], [-11, 9, -4, -10], [8, -4, 4, 6], [24, -10, 6, 25]])
    lengths = np.array([[25, 15, 10, 25], [15, 9, 6, 15], [10, 6, 4, 10], [25, 15, 10, 25]])
    assert conflict_matrix(grads) == about(dots / lengths)


@pytest.mark.examples(spec="J1", hint=1)
def test_a_conflict_is_taken_out() -> None:
    """A conflicting gradient loses its component along the other, g.o / |o|^2 times o, and nothing else."""
    # g.o = -5, |o|^2 = 9, |g|^2 = 14
    g, onto = np.array([1.0, -3, 2]), np.array([2.0, 1, -2])
    assert project(g, onto) == about([19 / 9, -22 / 9, 8 / 9])
    assert project(onto, g) == about([33 / 14, -1 / 14, -9 / 7])


@pytest.mark.examples(spec="J2", hint=1)
def test_without_a_conflict_nothing_is_taken_out() -> None:
    """A gradient at an acute or a right angle to the other stays as it is."""
    assert project(np.array([1.0, -3, 2]), np.array([2.0, -1, 1])) == about([1, -3, 2])
    assert project(np.array([2.0, 0, 1]), np.array([-1.0, 5, 2])) == about([2, 0, 1])


@pytest.mark.examples(spec="P1 P2", hint=1)
def test_two_tasks_give_way_to_each_other() -> None:
    """Of two tasks that conflict each is projected against the other's original gradient; the answer is the sum."""
    # g0.g1 = -2: (3, 1) + 2/2 (-1, 1) is (2, 2), and (-1, 1) + 2/10 (3, 1) is (-2/5, 6/5).
    assert pcgrad(np.array([[3.0, 1], [-1, 1]]), [[1], [0]]) == about([8 / 5, 16 / 5])


@pytest.mark.examples(spec="P1 P2", hint=2)
def test_three_tasks_meet_in_the_order_given() -> None:
    """What is left of a task after one projection goes into the next, in the order of that task's list."""
    assert pcgrad(TRIANGLE, UPWARDS) == about([-3 / 4, -1 / 4, -1])
    assert pcgrad(TRIANGLE, DOWNWARDS) == about([-1 / 2, 0, -1 / 2])


@pytest.mark.edges(spec="C2 J1 J2 P1", hint=3)
def test_a_gradient_of_zeros_conflicts_with_nobody() -> None:
    """A gradient of zeros has cosine 0 with all, itself included; it takes nothing from others and stays zero."""
    grads = np.array([[3.0, 1], [0, 0], [1, 1]])
    cosine = 4 / math.sqrt(20)
    assert conflict_matrix(grads) == about([[1, 0, cosine], [0, 0, 0], [cosine, 0, 1]])
    assert project(grads[0], grads[1]) == about([3, 1])
    assert project(grads[1], grads[0]) == about([0, 0])
    assert pcgrad(grads, [[1, 2], [2, 0], [0, 1]]) == about([4, 2])


@pytest.mark.edges(spec="P1 P2", hint=1)
def test_one_task_and_opposite_tasks() -> None:
    """A single task keeps its gradient; of two gradients in opposite directions nothing is left."""
    assert pcgrad(np.array([[3.0, -1, 2]]), [[]]) == about([3, -1, 2])
    assert pcgrad(np.array([[3.0, -1, 2], [-6, 2, -4]]), [[1], [0]]) == about([0, 0, 0])


@pytest.mark.edges(spec="G1", hint=3)
def test_small_types_are_computed_in_float64() -> None:
    """Gradients stored as small integers or as float32 are computed with in float64: no overflow, no underflow."""
    # The dot product is -5000, the squared norms are 20000 and 12500. In int8 the first would be 120.
    whole = np.array([[100, 100], [-100, 50]], dtype=np.int8)
    cosine = -math.sqrt(1 / 10)
    assert project(whole[0], whole[1]) == about([60, 120], 100)
    assert pcgrad(whole, [[1], [0]]) == about([-15, 195], 100)
    assert conflict_matrix(whole) == about([[1, cosine], [cosine, 1]])
    tiny = (whole * 2.0**-90).astype(np.float32)
    in_float32 = "the same gradients times 2^-90, about 1e-27, in float32; the answer times 2^90"
    assert np.asarray(project(tiny[0], tiny[1])) * 2.0**90 == about([60, 120], 100), in_float32
    assert np.asarray(pcgrad(tiny, [[1], [0]])) * 2.0**90 == about([-15, 195], 100), in_float32
    assert conflict_matrix(tiny) == about([[1, cosine], [cosine, 1]]), in_float32


@pytest.mark.edges(spec="J3", hint=1)
def test_gradients_of_different_shapes_are_refused() -> None:
    """Two gradients of different shapes raise ValueError, also where numpy could stretch one to fit the other."""
    for g, onto in (([1.0, 2], [-3.0]), ([-3.0], [1.0, 2]), ([1.0, 2], [-1.0, 2, 3]), ([[1.0, 2]], [-1.0, 0])):
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            project(np.array(g), np.array(onto))


@pytest.mark.edges(spec="P3", hint=1)
def test_orders_that_cannot_be_are_refused() -> None:
    """Orders with a task missing, repeated, unknown, below 0 or meeting itself, or of another number: ValueError."""
    wrong_lists = ([1], [1, 1], [1, 3], [1, -1], [1, 0], [0, 1, 2], [1, 2, 1])
    wrong = [
        UPWARDS[:2],
        [*UPWARDS, [0, 1]],
        [*UPWARDS[:2], [0, 2]],
        *([others, *UPWARDS[1:]] for others in wrong_lists),
    ]
    for grads in (TRIANGLE, np.eye(3)):  # with conflicts and without
        for orders in wrong:
            with pytest.raises(ValueError):  # noqa: PT011
                pcgrad(grads, orders)


@pytest.mark.edges(spec="G2", hint=3)
def test_gradients_that_are_not_finite_are_refused() -> None:
    """A gradient that holds NaN or infinity raises ValueError, in all three functions."""
    for wrong in (math.nan, math.inf, -math.inf):
        g, onto = np.array([wrong, 1.0]), np.array([-2.0, 1.0])
        for a, b in ((g, onto), (onto, g)):
            with pytest.raises(ValueError):  # noqa: PT011
                project(a, b)
        with pytest.raises(ValueError):  # noqa: PT011
            conflict_matrix(np.array([onto, g]))
        with pytest.raises(ValueError):  # noqa: PT011
            pcgrad(np.array([onto, g]), [[1], [0]])


@pytest.mark.properties(spec="C1", hint=1)
@given(conflicting(), factors)
def test_cosines_are_about_directions(tasks: Tasks, factor: float) -> None:
    """The conflict matrix is symmetric, lies in -1 to 1 with 1 on its diagonal, and knows nothing of lengths."""
    grads, _ = tasks
    cosines = np.asarray(conflict_matrix(grads))
    assert cosines == about(cosines.T, 1)
    assert np.all(np.abs(cosines) <= 1 + 1e-9), "a cosine lies between -1 and 1"
    assert np.diag(cosines) == about(np.ones(len(grads)), 1)
    longer = grads * np.linspace(1, factor, len(grads))[:, np.newaxis]
    assert conflict_matrix(longer) == about(cosines, 1)


@pytest.mark.properties(spec="J1 J2", hint=1)
@given(two_vectors())
def test_what_is_left_does_not_conflict(pair: tuple[Array, Array]) -> None:
    """What is left of a gradient never conflicts with the other, and as much is taken out as Pythagoras allows."""
    g, onto = pair
    left = np.asarray(project(g, onto))
    assert left @ onto >= -1e-9, "what is left has no negative dot product with the other gradient"
    taken = min(float(g @ onto), 0.0) ** 2 / (onto @ onto)
    assert left @ left == pytest.approx(g @ g - taken, rel=1e-9, abs=1e-9), "|left|^2 = |g|^2 - |taken out|^2"


@pytest.mark.properties(spec="J1", hint=1)
@given(two_vectors(), factors)
def test_only_the_direction_of_the_other_counts(pair: tuple[Array, Array], factor: float) -> None:
    """Against a gradient that is longer or shorter, in the same direction, what is left is the same."""
    g, onto = pair
    left = np.asarray(project(g, onto * factor))
    assert left == about(project(g, onto))
    assert left @ onto >= -1e-9, "what is left has no negative dot product with the other gradient"
    assert np.any(left) or are_parallel(g, onto), "of gradients that aren't opposite something is left"


@pytest.mark.properties(spec="P1 P2", hint=1)
@given(agreeing())
def test_without_conflicts_it_is_the_plain_sum(tasks: Tasks) -> None:
    """Where no two gradients conflict, the answer is their sum."""
    grads, orders = tasks
    assert pcgrad(grads, orders) == about(grads.sum(axis=0), 12)


@pytest.mark.properties(spec="P1", hint=1)
@given(opposed)
def test_a_step_helps_both_of_two_tasks(tasks: Tasks) -> None:
    """Of two tasks that conflict and aren't opposite, both gain: the answer has a positive dot product with each."""
    grads, orders = tasks
    gains = grads @ np.asarray(pcgrad(grads, orders))
    cosine = cosine_of(grads[0], grads[1])
    expected = (grads**2).sum(axis=1) * (1 - cosine**2)
    assert np.all(gains > 0), "the answer has a positive dot product with both gradients"
    assert gains == about(expected, 40)


@pytest.mark.properties(spec="G1 P1", hint=3)
@given(conflicting(), factors)
def test_the_unit_of_the_losses_is_the_unit_of_the_answer(tasks: Tasks, factor: float) -> None:
    """If all gradients are multiplied by a factor, however small or large, the answer is multiplied by it."""
    grads, orders = tasks
    expected = np.asarray(pcgrad(grads, orders))
    assert np.asarray(pcgrad(grads * factor, orders)) / factor == about(expected, 12)


@pytest.mark.properties(spec="P1", hint=2)
@given(mirrored())
def test_turning_the_gradients_turns_the_answer(turned: tuple[Array, Orders, Array]) -> None:
    """Conflicts are between whole gradients: seen in a mirror, which keeps all angles, they have the same answer."""
    grads, orders, mirror = turned
    expected = np.asarray(pcgrad(grads, orders))
    assert pcgrad(grads @ mirror, orders) == about(expected @ mirror, 12)


@pytest.mark.properties(spec="P1", hint=2)
@given(relabelled())
def test_numbering_the_tasks_otherwise_changes_nothing(pair: tuple[Tasks, Tasks]) -> None:
    """The same tasks in another order of rows, each meeting the same others in the same order, give the same answer."""
    tasks, renumbered = pair
    assert pcgrad(*renumbered) == about(pcgrad(*tasks), 12)


@pytest.mark.oracle(spec="C1 C2", hint=1)
@given(conflicting())
def test_cosines_agree_with_the_definition(tasks: Tasks) -> None:
    """Cosines equal those computed for two gradients at a time."""
    grads, _ = tasks
    assert conflict_matrix(grads) == about([[cosine_of(a, b) for b in grads] for a in grads])


@pytest.mark.oracle(spec="J1 J2", hint=1)
@given(two_vectors())
def test_projection_agrees_with_fractions(pair: tuple[Array, Array]) -> None:
    """What is left of one gradient equals the rule of the statement, computed in fractions."""
    g, onto = pair
    assert project(g, onto) == about([float(entry) for entry in exact_projection(fractions_of(g), fractions_of(onto))])


@pytest.mark.oracle(spec="P1 P2", hint=2)
@given(conflicting(least=3))
def test_surgery_agrees_with_fractions(tasks: Tasks) -> None:
    """For three and four tasks the answer equals algorithm 1, computed in fractions."""
    grads, orders = tasks
    assert pcgrad(grads, orders) == about(exact_surgery(grads, orders), 12)


@pytest.mark.data(spec="P1", hint=1)
def test_the_weaker_task_learns_too() -> None:
    """On generated batches with a strong and a weak task, a step along the sum harms the weak one; yours helps both."""
    rng = np.random.default_rng(2020)
    for _ in range(5):
        features = rng.normal(size=(400, 6))
        tastes = np.array([[-2.0, 1, 0, 1, 0, 1], [3, 1, 1, 0, 1, 0]])
        targets = features @ tastes.T * [1, 20] + rng.normal(size=(400, 2))
        grads = -2 * targets.T @ features / len(features)  # of the mean squared errors, where all weights are 0
        answers = {"sum": grads.sum(axis=0), "pcgrad": np.asarray(pcgrad(grads, [[1], [0]]))}
        # Over seeds 0 to 99 the weak loss falls by 0.0012 to 0.0026, and along the plain sum it rises by 0.02 to 0.06.
        change = {
            name: ((targets + 1e-4 * (features @ answer)[:, np.newaxis]) ** 2 - targets**2).mean(axis=0)
            for name, answer in answers.items()
        }
        assert change["sum"][0] > 0, "the plain sum harms the weak task"
        assert np.all(change["pcgrad"] < 0), "a small step along the answer lowers both losses"


@pytest.mark.speed(spec="P4", hint=2, seconds=20)
def test_is_fast_enough_for_a_real_bottom() -> None:
    """8 tasks with 20,000 parameters take at most 5 times as long as loops over tasks with numpy inside, plus 50 ms."""
    rng = np.random.default_rng(8)
    bar = mine = math.inf
    for _ in range(3):
        grads = rng.normal(size=(8, 20_000)) - 0.5 * rng.choice([-1, 1], (8, 1))
        orders = [rng.permutation([j for j in range(8) if j != i]).tolist() for i in range(8)]
        slow, found = checking.timed(loops_over_tasks, grads, orders), checking.timed(pcgrad, grads, orders)
        bar, mine = min(bar, slow.seconds), min(mine, found.seconds)
        right = np.shape(found.answer) == (20_000,) and np.allclose(found.answer, slow.answer, rtol=1e-6, atol=1e-6)
        assert right, "the answer for 20,000 parameters is that of the definition"
        if mine <= 5 * bar + 0.05:
            return
    pytest.fail(f"{mine:.2f} s of CPU; loops over tasks with numpy inside take {bar:.2f} s")
