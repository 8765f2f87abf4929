"""Hidden checks of multitask/mmoe.

Two parts: the layer in numpy, held against exact fractions and a row-by-row definition; and the Keras model, rebuilt
from configuration and weights, held by what it predicts under weights of our choosing. No order of layers, of experts
or of tasks is assumed, and nothing is trained.
"""

import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmoe import build_mmoe, mmoe_forward, softmax

from grader import checking
from grader.checks.oracles.expert_layers import slow_mmoe
from grader.checks.strategies.expert_nets import Net, Sizes, net_of, nets, shuffled_net
from grader.checks.strategies.weights import Floats

LN2 = math.log(2)
FRACTIONS = Net(
    x=np.array([[1.0, 2.0], [3.0, -1.0]]),
    expert_w=np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]], [[1.0, -1.0], [1.0, 1.0]]]),
    expert_b=np.array([[0.0, 0.0], [1.0, -1.0], [-4.0, 2.0]]),
    gate_w=LN2 * np.array([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]]),
    gate_b=LN2 * np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]),
)
"""The experts say [1, 2], [3, 0], [0, 3] of the first row and [3, 0], [0, 2], [0, 0] of the second."""
GATES = np.array(
    [[[1 / 4, 1 / 2, 1 / 4], [16 / 21, 1 / 21, 4 / 21]], [[4 / 7, 2 / 7, 1 / 7], [1 / 19, 16 / 19, 2 / 19]]]
)
OUTPUTS = np.array([[[7 / 4, 5 / 4], [48 / 21, 2 / 21]], [[10 / 7, 11 / 7], [3 / 19, 32 / 19]]])


@pytest.mark.interface(spec="S1 M2 M3 G1")
def test_answers_are_float64_arrays() -> None:
    """`softmax` gives a float64 array of its argument's shape; `mmoe_forward` gives two, (T, N, h) and (T, N, E)."""
    integers = softmax(np.array([[0, 0, 0], [1, 1, 1]], np.int8))
    assert (str(np.asarray(integers).dtype), np.shape(integers)) == ("float64", (2, 3))
    single = [part.astype("float32") for part in net_of(Sizes(2, 4, 3, 5, 6), 18)]
    outputs, gates = mmoe_forward(*single)
    assert (str(np.asarray(outputs).dtype), np.shape(outputs)) == ("float64", (6, 2, 5))
    assert (str(np.asarray(gates).dtype), np.shape(gates)) == ("float64", (6, 2, 3))


@pytest.mark.interface(spec="G1")
def test_arguments_are_left_alone() -> None:
    """No argument is changed: a second call with the same arrays gives the same answer."""
    logits = checking.resident(np.array([[1.0, 2.0], [4.0, 3.0]]))
    net = [checking.resident(part.copy()) for part in FRACTIONS]
    probabilities = [np.asarray(softmax(logits, 0)) for _ in range(2)]
    outputs = [np.asarray(mmoe_forward(*net)[0]) for _ in range(2)]
    assert softmax(logits, 1)[0] == pytest.approx(np.array([1 / (1 + math.e), math.e / (1 + math.e)]))
    assert probabilities[1] == pytest.approx(probabilities[0])
    assert outputs[1] == pytest.approx(outputs[0])


@pytest.mark.examples(spec="S1", hint=1)
def test_softmax_along_each_axis() -> None:
    """Softmax of logarithms gives the numbers' shares of their sum, along the last axis or whichever is asked for."""
    assert softmax(np.log([2.0, 6.0, 4.0, 8.0])) == pytest.approx(np.array([0.1, 0.3, 0.2, 0.4]))
    cube = np.log([[[1.0, 1.0, 9.0], [4.0, 2.0, 1.0]], [[4.0, 3.0, 1.0], [1.0, 6.0, 4.0]]])
    first = np.array([[[0.2, 0.25, 0.9], [0.8, 0.25, 0.2]], [[0.8, 0.75, 0.1], [0.2, 0.75, 0.8]]])
    middle = np.array([[[0.2, 1 / 3, 0.9], [0.8, 2 / 3, 0.1]], [[0.8, 1 / 3, 0.2], [0.2, 2 / 3, 0.8]]])
    assert softmax(cube, 0) == pytest.approx(first)
    assert softmax(cube, axis=1) == pytest.approx(middle)
    assert softmax(cube, axis=-3) == pytest.approx(first)
    assert softmax(np.swapaxes(cube, 1, 2)) == pytest.approx(np.swapaxes(middle, 1, 2))


@pytest.mark.examples(spec="M2", hint=1)
def test_gates_of_two_tasks() -> None:
    """Each task has a gate of its own, which shares out 1 over the experts, for each row anew."""
    assert mmoe_forward(*FRACTIONS)[1] == pytest.approx(GATES)


@pytest.mark.examples(spec="M1 M3", hint=2)
def test_outputs_of_two_tasks() -> None:
    """Each task's output is the sum of what the experts say, after their ReLU, by the shares of the task's gate."""
    assert mmoe_forward(*FRACTIONS)[0] == pytest.approx(OUTPUTS)


@pytest.mark.edges(spec="S2 M5", hint=3)
def test_large_logits() -> None:
    """Logits of thousands give probabilities, never NaN: what counts is how far they are apart."""
    assert softmax(np.array([9000.0, 9000 + LN2])) == pytest.approx(np.array([1 / 3, 2 / 3]))
    assert softmax(np.array([10_000.0, -10_000.0, 9_000.0])) == pytest.approx(np.array([1.0, 0.0, 0.0]))
    far = FRACTIONS._replace(gate_b=FRACTIONS.gate_b + 4000.0)
    assert mmoe_forward(*far)[0] == pytest.approx(OUTPUTS)


@pytest.mark.edges(spec="S2", hint=3)
def test_rows_of_logits_far_apart() -> None:
    """Slices of logits that lie thousands apart from each other still get a softmax each."""
    far = np.array([[5000.0, 5000 + LN2], [-3000.0, -3000.0], [0.0, -2 * LN2]])
    assert softmax(far) == pytest.approx(np.array([[1 / 3, 2 / 3], [1 / 2, 1 / 2], [4 / 5, 1 / 5]]))


@pytest.mark.edges(spec="S2 M5")
def test_a_masked_expert() -> None:
    """A logit of minus infinity is a probability of 0, and the others share 1 as if it weren't there."""
    assert softmax(np.array([LN2, -np.inf, 0.0])) == pytest.approx(np.array([2 / 3, 0.0, 1 / 3]))
    masked = FRACTIONS._replace(gate_b=FRACTIONS.gate_b + np.array([0.0, -np.inf, 0.0]))
    without = Net(
        FRACTIONS.x, *(part[[0, 2]] for part in FRACTIONS[1:3]), *(part[..., [0, 2]] for part in FRACTIONS[3:])
    )
    assert mmoe_forward(*masked)[0] == pytest.approx(slow_mmoe(without)[0])


@pytest.mark.edges(spec="S3 M4")
def test_nothing_to_share_out() -> None:
    """Without rows the answers are empty arrays; an axis of length 0 raises ValueError, as nothing there sums to 1."""
    assert np.shape(softmax(np.zeros((0, 3)))) == (0, 3)
    outputs, gates = mmoe_forward(*net_of(Sizes(0, 4, 3, 5, 2), 0))
    assert (np.shape(outputs), np.shape(gates)) == ((2, 0, 5), (2, 0, 3))
    for empty, axis in ((np.zeros((2, 0)), -1), (np.zeros((0, 2)), 0), (np.zeros(0), 0)):
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            softmax(empty, axis)


@pytest.mark.edges(spec="M6")
def test_shapes_that_do_not_fit_are_refused() -> None:
    """Shapes that don't fit together raise ValueError, also where numpy could stretch one to fit the others."""
    net = net_of(Sizes(1, 2, 2, 2, 2), 6)
    for name, part in net._asdict().items():
        wrong = [part[..., :1], part[np.newaxis], part[0]] + ([part[:1]] if name != "x" else [])
        for misfit in wrong:
            with pytest.raises(ValueError):  # noqa: PT011
                mmoe_forward(*net._replace(**{name: misfit}))
    for sizes in (Sizes(1, 0, 2, 2, 2), Sizes(1, 2, 0, 2, 2), Sizes(1, 2, 2, 0, 2), Sizes(1, 2, 2, 2, 0)):
        with pytest.raises(ValueError):  # noqa: PT011
            mmoe_forward(*net_of(sizes, 6))


@pytest.mark.properties(spec="M2", hint=1)
@given(nets())
def test_a_gate_shares_out_one(net: Net) -> None:
    """For every task and row the gate's shares are at least 0 and sum to 1 over the experts."""
    gates = np.asarray(mmoe_forward(*net)[1])
    assert np.all(gates >= 0), "no share is below 0"
    assert gates.sum(axis=2) == pytest.approx(np.ones((len(net.gate_b), len(net.x))))


@pytest.mark.properties(spec="M3", hint=2)
@given(nets(), st.integers(-8, 8).map(lambda n: n / 4))
def test_experts_that_agree_are_believed(net: Net, said: float) -> None:
    """If all experts say the same of a row, every task gets just that, whatever its gate."""
    agreed = net._replace(expert_w=np.zeros_like(net.expert_w), expert_b=np.full_like(net.expert_b, said))
    expected = np.full((len(net.gate_b), len(net.x), net.expert_b.shape[1]), max(said, 0.0))
    assert mmoe_forward(*agreed)[0] == pytest.approx(expected)


@pytest.mark.properties(spec="M4", hint=1)
@given(nets(rows=2))
def test_a_row_does_not_see_the_others(net: Net) -> None:
    """A row's gates and outputs are the same alone as among other rows."""
    outputs, gates = mmoe_forward(*net)
    alone_outputs, alone_gates = mmoe_forward(*net._replace(x=net.x[-1:]))
    assert gates[:, -1:] == pytest.approx(np.asarray(alone_gates))
    assert outputs[:, -1:] == pytest.approx(np.asarray(alone_outputs))


@pytest.mark.properties(spec="M2 M3", hint=2)
@given(nets(), st.integers(0, 10**6))
def test_the_order_of_experts_is_of_no_consequence(net: Net, permutation: int) -> None:
    """With the experts, and the gates' columns with them, in another order, the outputs stay and the gates follow."""
    renumbered, order = shuffled_net(net, permutation, "experts")
    outputs, gates = mmoe_forward(*net)
    other_outputs, other_gates = mmoe_forward(*renumbered)
    assert other_outputs == pytest.approx(np.asarray(outputs))
    assert other_gates == pytest.approx(np.asarray(gates)[:, :, order])


@pytest.mark.properties(spec="M2", hint=1)
@given(nets(tasks=2), st.integers(0, 10**6))
def test_tasks_do_not_see_each_other(net: Net, permutation: int) -> None:
    """Tasks in another order have their answers in that order, and a task alone has what it has among others."""
    renumbered, order = shuffled_net(net, permutation, "tasks")
    outputs = np.asarray(mmoe_forward(*net)[0])
    assert mmoe_forward(*renumbered)[0] == pytest.approx(outputs[order])
    last = net._replace(gate_w=net.gate_w[-1:], gate_b=net.gate_b[-1:])
    assert mmoe_forward(*last)[0] == pytest.approx(outputs[-1:])


@pytest.mark.oracle(spec="M1 M2 M3 G1", hint=2)
@given(nets(experts=1), st.sampled_from(["float64", "float32", "int8"]))
def test_agrees_with_the_definition(net: Net, dtype: str) -> None:
    """Gates and outputs are those of the statement, computed row by row, for arguments of any integer or float type."""
    if dtype == "int8":
        net = Net(*(4 * part for part in net))  # whole numbers from -8 to 8, whose sums of products overflow int8
    outputs, gates = slow_mmoe(net)
    answer = mmoe_forward(*(part.astype(dtype) for part in net))
    assert answer[1] == pytest.approx(gates, rel=1e-9, abs=1e-12)
    assert answer[0] == pytest.approx(outputs, rel=1e-9, abs=1e-12)


# --- The model -------------------------------------------------------------------------------------------------------

TASKS = ["click", "favourite", "buy"]
D, E, H, U = 5, 3, 4, 2
"""All different, so that the shape of a weight tells whose it is."""


def expert_parameters(d: int, e: int, h: int) -> int:
    """Weights and biases of all experts."""
    return e * (d + 1) * h


def task_parameters(d: int, e: int, h: int, u: int) -> int:
    """Weights and biases of one gate and one tower."""
    return (d + 1) * e + (h + 1) * u + (u + 1)


@pytest.fixture(scope="module")
def model() -> checking.Model:
    """The learner's model of three tasks, rebuilt once."""
    return rebuilt(build_mmoe(D, TASKS, E, H, U))


def rebuilt(model: object) -> checking.Model:
    """A model as a fact."""
    assert hasattr(model, "get_weights"), "`build_mmoe` returns a Keras model"
    return checking.rebuilt(model)


def fan_in(weight: checking.Array) -> int:
    """How many inputs a unit has."""
    return int(weight.shape[0]) if weight.ndim == 2 else 1


def is_gate(weight: checking.Array) -> bool:
    """Whether a weight is a gate's: nothing else has the width E."""
    return bool(weight.shape[-1] == E)


def is_tower(weight: checking.Array) -> bool:
    """Whether a weight is a tower's: nothing else has the width u or 1."""
    return weight.shape[-1] in (U, 1)


class Reach(NamedTuple):
    """The tasks that move when one weight tensor changes."""

    parameters: int
    moves: frozenset[str]


@pytest.fixture(scope="module")
def reaches(model: checking.Model) -> list[Reach]:
    """For every weight tensor, which tasks it moves.

    Inputs and weights are positive, so every ReLU is open and nothing is left to luck.
    """
    rng = np.random.default_rng(2018)
    inputs = rng.uniform(0.5, 1.5, (6, D)).astype(np.float32)
    weights = [np.asarray(rng.uniform(0.2, 1.8, w.shape)) / fan_in(w) for w in model.weights()]
    before = model.predict(inputs, weights)
    assert set(before) == set(TASKS)
    found = []
    for i, weight in enumerate(weights):
        larger = weight * rng.uniform(1.5, 4.0, weight.shape)
        after = model.predict(inputs, [*weights[:i], larger, *weights[i + 1 :]])
        moved = frozenset(task for task in TASKS if np.max(np.abs(after[task] - before[task])) > 1e-6)
        found.append(Reach(weight.size, moved))
    return found


@pytest.mark.interface(spec="B1")
def test_the_model_has_an_output_per_task(model: checking.Model) -> None:
    """The model takes (batch, n_features) and gives a dict with each task's name, and nothing else, of (batch, 1)."""
    answer = model.predict(np.zeros((2, D), np.float32))
    assert {name: values.shape for name, values in answer.items()} == dict.fromkeys(TASKS, (2, 1))


@pytest.mark.examples(spec="B2", hint=1)
def test_number_of_parameters(model: checking.Model) -> None:
    """The model has the parameters of shared experts and of a gate and a tower per task, also for the default sizes."""
    by_default = rebuilt(build_mmoe(7, ["a", "b"]))
    assert sum(w.size for w in by_default.weights()) == expert_parameters(7, 4, 16) + 2 * task_parameters(7, 4, 16, 8)
    assert sum(w.size for w in model.weights()) == expert_parameters(D, E, H) + 3 * task_parameters(D, E, H, U)


@pytest.mark.edges(spec="B3")
def test_a_model_of_one_expert() -> None:
    """With one expert and one task the model is one tower on one bottom, whatever the gate's weights say."""
    one = rebuilt(build_mmoe(3, ["click"], 1, 4, 2))
    assert sum(w.size for w in one.weights()) == expert_parameters(3, 1, 4) + task_parameters(3, 1, 4, 2)
    # Every unit averages what it reads, and no biases: the mean of the row goes up, or stops at a ReLU.
    averages = [np.full(w.shape, 1 / fan_in(w) if w.ndim == 2 else 0.0) for w in one.weights()]
    answer = one.predict(np.array([[1, 2, 6], [1, -2, -2]], np.float32), averages)
    assert answer["click"] == pytest.approx(np.array([[1 / (1 + math.exp(-3))], [1 / 2]]), abs=1e-5)


@pytest.mark.edges(spec="B5")
def test_models_that_make_no_sense_are_refused() -> None:
    """No tasks, a task named twice, or a size below 1 raise ValueError before anything is built."""
    sizes = {"n_features": 3, "n_experts": 2, "expert_units": 4, "tower_units": 2}
    for tasks in ([], ["click", "buy", "click"]):
        with pytest.raises(ValueError):  # noqa: PT011
            build_mmoe(tasks=tasks, **sizes)
    for name in sizes:
        with pytest.raises(ValueError):  # noqa: PT011
            build_mmoe(tasks=["click"], **(sizes | {name: 0}))


@pytest.mark.properties(spec="B3", hint=2)
def test_the_model_believes_experts_that_agree(model: checking.Model) -> None:
    """If all experts of the model say the same, no gate can change what a tower says."""
    rng = np.random.default_rng(6)
    inputs = rng.normal(size=(4, D)).astype(np.float32)
    weights: list[checking.Array] = []
    for w in model.weights():
        if is_gate(w):
            weights.append(np.asarray(rng.normal(size=w.shape)))
        elif is_tower(w):
            weights.append(np.full(w.shape, 1 / fan_in(w) if w.ndim == 2 else 0.0))
        else:
            weights.append(np.full(w.shape, 0.0 if w.ndim == 2 else 1.5))
    answer = model.predict(inputs, weights)
    for task in TASKS:
        assert answer[task] == pytest.approx(np.full((4, 1), 1 / (1 + math.exp(-1.5))), abs=1e-5)


@pytest.mark.properties(spec="B3", hint=2)
def test_the_models_gates_mix_its_experts(model: checking.Model) -> None:
    """By its gate's softmax a tower reads the weighted mean of its model's experts."""
    rng = np.random.default_rng(7)
    inputs = rng.uniform(0.5, 1.5, (4, D)).astype(np.float32)
    others: list[checking.Array] = [np.asarray(rng.uniform(0.2, 1.0, w.shape)) / fan_in(w) for w in model.weights()]

    def logits(gate_logits: Floats) -> dict[str, Floats]:
        """What the towers say when every gate has these logits, whatever the row; the ReLUs are open: all is linear."""
        weights = [(gate_logits if w.ndim == 1 else np.zeros(w.shape)) if is_gate(w) else w for w in others]
        answer = model.predict(inputs, weights)
        return {task: np.log(answer[task] / (1 - answer[task])).astype(np.float64) for task in TASKS}

    experts = [logits(50.0 * np.eye(E)[e]) for e in range(E)]
    mixed = logits(np.array([0.0, LN2, 0.0]))
    for task in TASKS:
        expected = experts[0][task] / 4 + experts[1][task] / 2 + experts[2][task] / 4
        assert mixed[task] == pytest.approx(expected, abs=1e-4)


@pytest.mark.properties(spec="B4", hint=1)
def test_the_experts_move_every_task(reaches: list[Reach]) -> None:
    """The weights that move more than one task are the experts': they move all, and are as many as experts have."""
    shared = {reach.moves for reach in reaches if len(reach.moves) > 1}
    assert shared == {frozenset(TASKS)}
    assert sum(reach.parameters for reach in reaches if len(reach.moves) > 1) == expert_parameters(D, E, H)


@pytest.mark.properties(spec="B4", hint=1)
def test_gate_and_tower_move_their_own_task(reaches: list[Reach]) -> None:
    """Each task has as many weights that move it alone as a gate and a tower have."""
    own = {task: sum(r.parameters for r in reaches if r.moves == frozenset([task])) for task in TASKS}
    assert own == dict.fromkeys(TASKS, task_parameters(D, E, H, U))
