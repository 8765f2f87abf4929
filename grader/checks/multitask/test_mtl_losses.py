"""Hidden checks of multitask/mtl_losses.

A check's docstring is the sentence that the learner reads; `spec` names the rules of the statement that it holds.
"""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mtl_losses import joint_loss, soft_sharing, transfer_gain, uncertainty_loss

from grader import checking
from grader.checks.answers import refuses
from grader.checks.oracles.task_losses import exact_share, slow_joint_loss
from grader.checks.strategies.task_losses import (
    Batch,
    Floats,
    Metrics,
    Noisy,
    batches,
    drawn_metrics,
    far,
    junk,
    layers,
    moderate,
    positive_eighths,
    reordered_batches,
    shuffled_batches,
    strengths,
)

FUNNEL = Batch(
    {
        "click": np.array([0.5, 1.5, 2.0, 4.0]),
        "buy": np.array([3.0, 9.0, 6.0, 50.0]),
        "basket": np.array([7.0, -1.0, 100.0, 2.0]),
    },
    {
        "click": np.array([True, True, True, True]),
        "buy": np.array([True, True, True, False]),
        "basket": np.array([False, False, False, True]),
    },
    {"click": 2.0, "buy": 0.25, "basket": 3.0},
)
THREE = Noisy(np.array([0.6, 3.0, 2.0]), np.log([3.0, 4.0, 0.5]), ["cls", "reg", "cls"])
# The mean is [[2, 1], [2, 2]]; the squared distances to it are 11, 6 and 9, and 78 over pairs of tasks.
LAYERS = [np.array([[1.0, 0], [2, 5]]), np.array([[4.0, 0], [2, 1]]), np.array([[1.0, 3], [2, 0]])]


@pytest.mark.interface(spec="G1 U2 S2 T2")
def test_answers_are_floats_arrays_and_dicts() -> None:
    """Losses and gains are floats, gradients float64 arrays: one for all log-variances, and a list of one per task."""
    assert isinstance(joint_loss(*FUNNEL), float), "joint_loss gives a float"
    total, gradient = uncertainty_loss(*THREE)
    assert isinstance(total, float), "uncertainty_loss gives a float first"
    assert (str(np.asarray(gradient).dtype), np.shape(gradient)) == ("float64", (3,))
    penalty, gradients = soft_sharing(LAYERS, 1.0)
    assert isinstance(penalty, float), "soft_sharing gives a float first"
    assert isinstance(gradients, list), "soft_sharing gives a list second"
    assert [(str(np.asarray(each).dtype), np.shape(each)) for each in gradients] == [("float64", (2, 2))] * 3
    gains = transfer_gain({"auc": 0.5}, {"auc": 0.75}, {"auc": True})
    assert isinstance(gains, dict), "transfer_gain gives a dict"
    assert all(isinstance(gain, float) for gain in gains.values()), "gains are floats"


@pytest.mark.interface(spec="G1")
def test_arguments_are_left_alone() -> None:
    """No argument is changed: what a first call was given is the same in a second."""
    # The second question differs from the first, so that a change which the first wouldn't notice shows. It is compared
    # with the same question about new arrays, so that a wrong formula doesn't count as a change.
    everything, half = {"buy": np.array([True, True])}, {"buy": np.array([True, False])}
    used = {"buy": checking.resident(np.array([2.0, 100.0]))}
    joint_loss(used, half, {"buy": 1.0})
    fresh = joint_loss({"buy": np.array([2.0, 100.0])}, everything, {"buy": 1.0})
    assert joint_loss(used, everything, {"buy": 1.0}) == pytest.approx(fresh)

    losses, log_vars = checking.resident(THREE.losses.copy()), checking.resident(THREE.log_vars.copy())
    uncertainty_loss(losses, log_vars, ["reg", "reg", "reg"])
    assert uncertainty_loss(losses, log_vars, THREE.kinds)[0] == pytest.approx(uncertainty_loss(*THREE)[0])

    layer = checking.resident(LAYERS[0].copy())
    soft_sharing([layer, LAYERS[1]], 1.0)
    assert soft_sharing([layer, LAYERS[2]], 1.0)[0] == pytest.approx(soft_sharing([LAYERS[0], LAYERS[2]], 1.0)[0])

    metrics, higher = {"auc": 0.5}, {"auc": True}
    single, multi = checking.resident(metrics.copy()), checking.resident({"auc": 0.75})
    transfer_gain(single, multi, higher)
    assert transfer_gain(single, multi, higher) == pytest.approx(transfer_gain(metrics, {"auc": 0.75}, higher))


@pytest.mark.examples(spec="J1", hint=1)
def test_every_task_counts_by_the_mean_of_its_labels() -> None:
    """The joint loss is the sum of weight times mean loss, each mean over the rows labelled for that task."""
    assert joint_loss(*FUNNEL) == pytest.approx(2 * 2 + 0.25 * 6 + 3 * 2)


@pytest.mark.examples(spec="U1 U2", hint=1)
def test_three_tasks_weighed_by_their_noise() -> None:
    """Each task pays for its loss by its own kind of formula, and for its noise; the gradient has an entry for each."""
    total, gradient = uncertainty_loss(*THREE)
    assert total == pytest.approx(0.6 / 3 + 3 / 4 / 2 + 2 * 2 + math.log(3 * 4 / 2) / 2)
    assert gradient == pytest.approx(np.array([0.3, 0.125, -3.5]))


@pytest.mark.examples(spec="S1 S2", hint=1)
def test_three_layers_pulled_to_their_mean() -> None:
    """The penalty is the strength times all squared distances to the mean; a gradient points away from the mean."""
    penalty, gradients = soft_sharing(LAYERS, 0.25)
    assert penalty == pytest.approx(0.25 * (11 + 6 + 9))
    assert np.array(gradients) == pytest.approx(
        np.array([[[-0.5, -0.5], [0, 1.5]], [[1, -0.5], [0, -0.5]], [[-0.5, 1], [0, -1]]])
    )


@pytest.mark.examples(spec="T1 T2", hint=1)
def test_gains_of_four_tasks() -> None:
    """A gain is positive where the joint model is better, and in percent of the single model; their mean is added."""
    single = {"auc": 0.8, "logloss": 0.5, "mae": 4.0, "ndcg": 0.25}
    multi = {"auc": 0.84, "logloss": 0.4, "mae": 4.6, "ndcg": 0.3}
    gains = transfer_gain(single, multi, {"auc": True, "logloss": False, "mae": False, "ndcg": True})
    assert gains == pytest.approx({"auc": 5, "logloss": 20, "mae": -15, "ndcg": 20, "mean": 7.5})


@pytest.mark.edges(spec="J2", hint=2)
def test_a_task_without_labels_adds_nothing() -> None:
    """A task without a labelled row adds 0, and so do no rows and no tasks."""
    losses, nobody = np.array([1.0, 3.0]), np.array([False, False])
    one_of_two = {"buy": nobody, "click": np.array([False, True])}
    assert joint_loss({"buy": losses, "click": losses}, one_of_two, {"buy": 5.0, "click": 1.0}) == pytest.approx(3)
    assert joint_loss({"buy": losses}, {"buy": nobody}, {"buy": 1.0}) == 0
    assert joint_loss({"buy": np.zeros(0)}, {"buy": np.zeros(0, bool)}, {"buy": 1.0}) == 0
    assert joint_loss({}, {}, {}) == 0


@pytest.mark.edges(spec="G1 J1", hint=2)
def test_masks_of_zeros_and_ones() -> None:
    """A mask of the numbers 0 and 1, of whatever type, chooses the same rows as one of False and True."""
    for dtype in (np.int64, np.uint8, np.float64, np.float32):
        masks = {task: mask.astype(dtype) for task, mask in FUNNEL.masks.items()}
        assert joint_loss(FUNNEL.per_example, masks, FUNNEL.weights) == pytest.approx(joint_loss(*FUNNEL))


@pytest.mark.edges(spec="J4", hint=2)
def test_a_labelled_nan_is_not_hidden() -> None:
    """Where a labelled loss is NaN or infinite, the joint loss isn't finite."""
    for diverged in (math.nan, math.inf):
        losses = {**FUNNEL.per_example, "buy": np.array([3.0, diverged, 6.0, 50.0])}
        found = joint_loss(losses, FUNNEL.masks, FUNNEL.weights)
        assert not math.isfinite(found), "the loss of a model that diverged isn't finite"


@pytest.mark.edges(spec="U1 U3", hint=1)
def test_less_noise_than_one_may_make_the_total_negative() -> None:
    """A task that fits well may make the total negative; no tasks have a total of 0.0 and an empty gradient."""
    total, gradient = uncertainty_loss(np.array([0.0, 0.125]), np.array([-3.0, -math.log(2)]), ["reg", "cls"])
    assert total == pytest.approx(-1.5 + 0.25 - math.log(2) / 2)
    assert gradient == pytest.approx(np.array([0.5, 0.25]))
    total, gradient = uncertainty_loss(np.zeros(0), np.zeros(0), [])
    assert (total, np.shape(gradient)) == (0, (0,))


@pytest.mark.edges(spec="S1 S2", hint=1)
def test_a_single_task_pays_nothing_for_sharing() -> None:
    """A single task is its own mean: penalty 0, gradient 0; so it is for any tasks at strength 0."""
    alone, no_strength = soft_sharing(LAYERS[:1], 2.0), soft_sharing(LAYERS, 0.0)
    assert (alone[0], no_strength[0]) == (0, 0)
    assert np.array(alone[1]) == pytest.approx(np.zeros((1, 2, 2)))
    assert np.array(no_strength[1]) == pytest.approx(np.zeros((3, 2, 2)))


@pytest.mark.edges(spec="G1", hint=2)
def test_everything_is_computed_in_float64() -> None:
    """Arrays of small integers and of float32 give what the same numbers in float64 give."""
    for dtype, column, layer in ((np.int8, [100, 120, 101], [-100, 3]), (np.uint8, [200, 255, 0], [250, 3])):
        masks, weights = {"buy": np.array([True, True, False])}, {"buy": 0.75}
        batch = {"buy": np.array(column, float)}, masks, weights
        assert joint_loss({"buy": np.array(column, dtype)}, masks, weights) == pytest.approx(joint_loss(*batch))
        shared = soft_sharing([np.zeros(2, dtype), np.array(layer, dtype)], 0.75)
        expected = soft_sharing([np.zeros(2), np.array(layer, float)], 0.75)
        assert shared[0] == pytest.approx(expected[0])
        assert np.array(shared[1]) == pytest.approx(np.array(expected[1]))
    # e^100 is too large for float32.
    losses, log_vars = np.array([2.0**-120, 3.0], np.float32), np.array([-100.0, 2.0], np.float32)
    total, gradient = uncertainty_loss(losses, log_vars, ["cls", "reg"])
    expected_total, expected_gradient = uncertainty_loss(losses.astype(float), log_vars.astype(float), ["cls", "reg"])
    assert total == pytest.approx(expected_total)
    assert gradient == pytest.approx(np.array(expected_gradient))


@pytest.mark.edges(spec="J5")
def test_a_batch_that_does_not_fit_is_refused() -> None:
    """`joint_loss` raises ValueError for other tasks, other shapes, or a weight that is negative, NaN or infinite."""
    for name, by_task in FUNNEL._asdict().items():
        one_fewer = {task: value for task, value in by_task.items() if task != "buy"}
        refuses(joint_loss, *FUNNEL._replace(**{name: one_fewer}))
        refuses(joint_loss, *FUNNEL._replace(**{name: {**by_task, "share": by_task["buy"]}}))
    for shape in ((1,), (4, 1)):
        one = {"buy": np.ones(shape)}
        refuses(joint_loss, one, {"buy": np.ones(4, bool)}, {"buy": 1.0})
        refuses(joint_loss, {"buy": np.ones(4)}, {"buy": np.ones(shape, bool)}, {"buy": 1.0})
    shorter = {"click": np.ones(2), "buy": np.ones(3)}
    refuses(joint_loss, shorter, {task: losses > 0 for task, losses in shorter.items()}, {"click": 1.0, "buy": 1.0})
    for weight in (-0.5, math.nan, math.inf):
        refuses(joint_loss, FUNNEL.per_example, FUNNEL.masks, {**FUNNEL.weights, "buy": weight})


@pytest.mark.edges(spec="U4")
def test_tasks_without_loss_noise_or_kind_are_refused() -> None:
    """`uncertainty_loss` raises ValueError for different lengths, or for a kind other than reg and cls."""
    refuses(uncertainty_loss, np.ones(2), np.ones(1), ["reg", "cls"])
    refuses(uncertainty_loss, np.ones(1), np.ones(2), ["reg", "cls"])
    refuses(uncertainty_loss, np.ones(2), np.ones(2), ["reg"])
    refuses(uncertainty_loss, np.ones(2), np.ones(2), ["reg", "cls", "reg"])
    refuses(uncertainty_loss, np.ones(2), np.ones(2), ["reg", "rank"])


@pytest.mark.edges(spec="S4")
def test_layers_that_cannot_be_shared_are_refused() -> None:
    """`soft_sharing` raises ValueError for no params, other shapes, or a strength that is negative, NaN or infinite."""
    refuses(soft_sharing, [], 1.0)
    refuses(soft_sharing, [np.ones((2, 3)), np.ones(3)], 1.0)
    refuses(soft_sharing, [np.ones((2, 3)), np.ones((1, 3))], 1.0)
    refuses(soft_sharing, [np.ones((2, 3)), np.ones((2, 3)), np.ones((3, 2))], 1.0)
    for strength in (-0.5, math.nan, math.inf):
        refuses(soft_sharing, LAYERS, strength)


@pytest.mark.edges(spec="T3")
def test_metrics_without_a_percentage_are_refused() -> None:
    """`transfer_gain` raises ValueError for other tasks, none, or one named mean, and where no percentage exists."""
    refuses(transfer_gain, {}, {}, {})
    refuses(transfer_gain, {"mean": 1.0}, {"mean": 2.0}, {"mean": True})
    metrics = {"auc": 0.5, "rmse": 2.0}
    higher = {"auc": True, "rmse": False}
    for fewer in ({"auc": 0.5}, {**metrics, "ndcg": 0.5}):
        refuses(transfer_gain, fewer, metrics, higher)
        refuses(transfer_gain, metrics, fewer, higher)
        refuses(transfer_gain, metrics, metrics, dict.fromkeys(fewer, True))
    for baseline in (0.0, -0.5, math.nan, math.inf):
        refuses(transfer_gain, {**metrics, "rmse": baseline}, metrics, higher)
    for metric in (math.nan, -math.inf):
        refuses(transfer_gain, metrics, {**metrics, "rmse": metric}, higher)


@pytest.mark.properties(spec="J3", hint=2)
@given(batches, junk)
def test_unlabelled_values_are_of_no_consequence(batch: Batch, values: list[float]) -> None:
    """Whatever stands in unlabelled rows, NaN and infinity too, the loss stays the same."""
    before = joint_loss(*batch)
    assert before > 0, "the loss of this batch is more than 0"
    assert joint_loss(*batch.unlabelled(values)) == pytest.approx(before)


@pytest.mark.properties(spec="J1", hint=1)
@given(shuffled_batches)
def test_only_labels_count_not_how_many(batch_and_order: tuple[Batch, list[int]]) -> None:
    """The same rows once more in another order don't change the loss, nor do more rows without any label."""
    batch, order = batch_and_order
    once = joint_loss(*batch)
    assert once > 0, "the loss of this batch is more than 0"
    twice = batch.rows([*range(len(order)), *order])
    assert joint_loss(*twice) == pytest.approx(once), "a batch read twice has the loss of the batch"
    first_half = {task: mask & (np.arange(mask.size) < len(order)) for task, mask in twice.masks.items()}
    assert joint_loss(*twice._replace(masks=first_half)) == pytest.approx(once), "rows without a label change nothing"


@pytest.mark.properties(spec="J1", hint=1)
@given(reordered_batches)
def test_tasks_go_by_name(batch_and_orders: tuple[Batch, list[str], list[str]]) -> None:
    """Each task's mask and weight are found by its name, whatever the order of the three dicts."""
    batch, of_masks, of_weights = batch_and_orders
    before = joint_loss(*batch)
    masks, weights = {task: batch.masks[task] for task in of_masks}, {task: batch.weights[task] for task in of_weights}
    assert before > 0, "the loss of this batch is more than 0"
    assert joint_loss(batch.per_example, masks, weights) == pytest.approx(before)


@pytest.mark.properties(spec="U1 U2", hint=1)
@given(st.lists(st.tuples(positive_eighths, st.sampled_from(["reg", "cls"])), min_size=1, max_size=3))
def test_the_best_noise_follows_from_the_loss(tasks: list[tuple[float, str]]) -> None:
    """At ln L for a regression and ln 2L for a classification the gradient is 0, and a task adds half of 1 + that."""
    best = [math.log(loss if kind == "reg" else 2 * loss) for loss, kind in tasks]
    losses, kinds = zip(*tasks, strict=True)
    total, gradient = uncertainty_loss(np.array(losses), np.array(best), list(kinds))
    assert total == pytest.approx(math.fsum(1 + s for s in best) / 2, abs=1e-9)
    assert gradient == pytest.approx(np.zeros(len(best)), abs=1e-9)


@pytest.mark.properties(spec="U2", hint=1)
@given(moderate)
def test_the_gradient_is_the_slope_of_the_total(tasks: Noisy) -> None:
    """Each entry of the gradient is how fast the total rises with that log-variance."""
    slopes = []
    for step in np.eye(len(tasks.kinds)) * 1e-4:
        rise = uncertainty_loss(*tasks._replace(log_vars=tasks.log_vars + step))[0]
        fall = uncertainty_loss(*tasks._replace(log_vars=tasks.log_vars - step))[0]
        slopes.append((rise - fall) / 2e-4)
    gradient = uncertainty_loss(*tasks)[1]
    assert gradient == pytest.approx(np.array(slopes), abs=1e-5)


@pytest.mark.properties(spec="S1 S2", hint=2)
@given(layers, strengths)
def test_one_step_downhill_ends_at_the_mean(params: list[Floats], strength: float) -> None:
    """A step of 1 / (2 strength) downhill ends at the mean; gradients times weights add up to twice the penalty."""
    penalty, gradients = soft_sharing(params, strength)
    assert len(gradients) == len(params), "a gradient for every task"
    after = np.array(params) - np.array(gradients) / (2 * strength)
    assert after == pytest.approx(np.broadcast_to(np.mean(params, axis=0), after.shape), abs=1e-9)
    assert np.sum(np.array(gradients) * np.array(params)) == pytest.approx(2 * penalty)


@pytest.mark.properties(spec="S3", hint=2)
@given(layers, st.sampled_from([1.0, -3.0, 1e6, -1e6]))
def test_only_differences_between_tasks_count(params: list[Floats], shift: float) -> None:
    """Adding the same array to the weights of every task, even a huge one, changes neither penalty nor gradients."""
    penalty, gradients = soft_sharing(params, 0.5)
    assert penalty > 0, "the penalty of layers that differ is more than 0"
    same = shift * np.linspace(0.5, 1, params[0].size).reshape(params[0].shape)
    moved_penalty, moved_gradients = soft_sharing([layer + same for layer in params], 0.5)
    assert moved_penalty == pytest.approx(penalty)
    assert np.array(moved_gradients) == pytest.approx(np.array(gradients), abs=1e-6)


@pytest.mark.properties(spec="T1 T2", hint=1)
@given(drawn_metrics())
def test_gains_are_what_the_metrics_were_made_of(metrics: Metrics) -> None:
    """Metrics made better or worse by whole percents give these percents back, by name, and their mean."""
    assert transfer_gain(*metrics[:3]) == pytest.approx(metrics.gains, abs=1e-9)


@pytest.mark.oracle(spec="J1 J2 J3", hint=2)
@given(batches, junk)
def test_joint_loss_agrees_with_a_slow_definition(batch: Batch, values: list[float]) -> None:
    """The joint loss equals the one computed row by row, by the definition."""
    assert joint_loss(*batch.unlabelled(values)) == pytest.approx(slow_joint_loss(batch))


@pytest.mark.oracle(spec="U1", hint=1)
@given(st.lists(st.integers(-32, 32).map(lambda n: n / 8), min_size=1, max_size=4), st.integers(-2, 3))
def test_a_regression_pays_the_likelihood_of_a_gaussian(residuals: list[float], log_var: int) -> None:
    """For a mean squared error, the total is the mean of -ln of the residuals' Gaussian density, less ½ ln 2π."""
    noise = NormalDist(0, math.exp(log_var / 2))
    surprise = -math.fsum(math.log(noise.pdf(residual)) for residual in residuals) / len(residuals)
    squared = math.fsum(residual**2 for residual in residuals) / len(residuals)
    total, _ = uncertainty_loss(np.array([squared]), np.array([float(log_var)]), ["reg"])
    assert total == pytest.approx(surprise - math.log(2 * math.pi) / 2, abs=1e-9)


@pytest.mark.oracle(spec="U3", hint=2)
@given(far)
def test_loses_no_digits_for_far_log_variances(tasks: Noisy) -> None:
    """For log-variances as far as 700 from zero both answers are the formulas of the statement in exact arithmetic."""
    shares = [
        exact_share(*task) for task in zip(tasks.losses.tolist(), tasks.log_vars.tolist(), tasks.kinds, strict=True)
    ]
    total, gradient = uncertainty_loss(*tasks)
    assert total == pytest.approx(float(sum(share for share, _ in shares)), rel=1e-9, abs=1e-9)
    assert gradient == pytest.approx(np.array([float(slope) for _, slope in shares]), rel=1e-9, abs=1e-9)


@pytest.mark.data(spec="U1 U2", hint=1)
def test_log_variances_learn_the_noise_of_the_data() -> None:
    """Sixty steps downhill from 0, the log-variances of regressions on generated data are those of their noise."""
    rng = np.random.default_rng(2018)
    noise = np.array([0.5, 1.0, 4.0])
    losses = np.mean((noise[:, np.newaxis] * rng.standard_normal((3, 4000))) ** 2, axis=1)
    log_vars = np.zeros(3)
    for _ in range(60):
        log_vars = log_vars - 0.5 * np.asarray(uncertainty_loss(losses, log_vars, ["reg"] * 3)[1])
    # Seeds 0 to 4: at most 0.04 from the truth. With the factor of a classification it is ln 2 = 0.69 off.
    assert log_vars == pytest.approx(2 * np.log(noise), abs=0.2)
