"""Hidden checks of multitask/ple_cgc. A check's docstring is the sentence that the learner reads."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ple_cgc import cgc_layer, influence, ple_forward

from grader import checking
from grader.checks.answers import refuses
from grader.checks.oracles.expert_layers import slow_forward, slow_row
from grader.checks.strategies.expert_layers import (
    Layer,
    Network,
    Params,
    Positive,
    drawn_networks,
    layers,
    layers_of_two_rows,
    louder,
    positive_networks,
    reordered_layers,
    says,
    times,
)

# Experts say 1; 8, 4; 2, 16. Gates by odds: 2:1:1, 1:1:3:3 and 1:2:1:2:2.
UNEVEN: Params = {
    "task_experts": [[says(1)], [says(8), says(4)]],
    "shared_experts": [says(2), says(16)],
    "task_gates": [says(math.log(2), 0, 0), says(0, 0, math.log(3), math.log(3))],
    "shared_gate": says(0, math.log(2), 0, math.log(2), math.log(2)),
}
ONE = np.ones((1, 1))
# Everything multiplies what it reads, so answers tell which input was read. Gates are all even.
FACTORS: Params = {
    "task_experts": [[times(1)], [times(10)]],
    "shared_experts": [times(100)],
    "task_gates": [says(0, 0), says(0, 0)],
    "shared_gate": says(0, 0, 0),
}
# Gates multiply what they read by ln 2: inputs of 1, 2, 3 give odds of 2, 4, 8 to 1 for the shared expert.
READERS: Params = {
    "task_experts": [[says(0)], [says(0)]],
    "shared_experts": [says(45)],
    "task_gates": [times(0, math.log(2)), times(0, math.log(2))],
    "shared_gate": times(0, 0, math.log(2)),
}


@pytest.mark.interface(spec="G1 C5 F2")
def test_answers_are_lists_of_arrays() -> None:
    """`cgc_layer` gives a tuple of a list of float64 arrays and an array or None, `ple_forward` a list of arrays."""
    answer = cgc_layer([ONE, ONE], ONE, UNEVEN)
    assert isinstance(answer, tuple), "cgc_layer gives a tuple"
    assert isinstance(answer[0], list), "cgc_layer gives a list first"
    last = {key: value for key, value in UNEVEN.items() if key != "shared_gate"}
    outputs = ple_forward(ONE, [last])
    assert isinstance(outputs, list), "ple_forward gives a list"
    arrays = [*answer[0], answer[1], *outputs]
    assert [(str(np.asarray(each).dtype), np.asarray(each).shape) for each in arrays] == [("float64", (1, 1))] * 5
    reaches = influence(2, 3)
    assert (str(np.asarray(reaches).dtype), np.shape(reaches)) == ("bool", (3, 2, 2))


@pytest.mark.interface(spec="G1")
def test_arguments_are_left_alone() -> None:
    """No argument is changed: what a first call was given is the same in a second."""
    # -1 makes every ReLU close on an input or an answer that is changed in place.
    x, kept = np.array([[-1.0], [3.0]]), checking.resident(np.array([[-1.0], [3.0]]))
    params = checking.resident({key: list(value) for key, value in FACTORS.items()})
    fresh = cgc_layer([x, x], x, FACTORS)
    for _ in range(2):
        again = cgc_layer([kept, kept], kept, params)
        assert np.array(again[0]) == pytest.approx(np.array(fresh[0]))
        assert again[1] == pytest.approx(fresh[1])
    stack = checking.resident([FACTORS, UNEVEN])
    first = np.array(ple_forward(kept, stack))
    assert np.array(ple_forward(kept, stack)) == pytest.approx(first)


@pytest.mark.examples(spec="C2 C3", hint=1)
def test_a_task_weighs_its_own_experts_then_the_shared_ones() -> None:
    """A task's output is the weighted sum of its own experts, in order, and of the shared ones, in order."""
    outputs, _ = cgc_layer([ONE, ONE], ONE, UNEVEN)
    assert np.array(outputs) == pytest.approx(np.array([[[(2 * 1 + 2 + 16) / 4]], [[(8 + 4 + 3 * 2 + 3 * 16) / 8]]]))


@pytest.mark.examples(spec="C2 C4", hint=1)
def test_the_shared_gate_weighs_all_experts() -> None:
    """The shared output is the weighted sum of all experts: those of every task in turn, then the shared ones."""
    _, shared = cgc_layer([ONE, ONE], ONE, UNEVEN)
    assert shared == pytest.approx(np.array([[(1 + 2 * 8 + 4 + 2 * 2 + 2 * 16) / 8]]))


@pytest.mark.examples(spec="C1", hint=1)
def test_experts_read_the_input_of_their_group() -> None:
    """A task's own experts read the task's input, shared experts the shared input."""
    outputs, shared = cgc_layer([2 * ONE, 3 * ONE], 5 * ONE, FACTORS)
    assert np.array(outputs) == pytest.approx(np.array([[[(2 + 500) / 2]], [[(30 + 500) / 2]]]))
    assert shared == pytest.approx(np.array([[(2 + 30 + 500) / 3]]))


@pytest.mark.examples(spec="C2", hint=1)
def test_gates_read_the_input_of_their_group() -> None:
    """A task's gate reads the task's input, the shared gate the shared input."""
    outputs, shared = cgc_layer([ONE, 2 * ONE], 3 * ONE, READERS)
    assert np.array(outputs) == pytest.approx(np.array([[[45 * 2 / 3]], [[45 * 4 / 5]]]))
    assert shared == pytest.approx(np.array([[45 * 8 / 10]]))


@pytest.mark.examples(spec="F1 F2", hint=1)
def test_a_network_of_three_layers() -> None:
    """Each layer's outputs are the next one's inputs; the shared output is the shared experts' input."""
    last = {key: value for key, value in FACTORS.items() if key != "shared_gate"}
    # x = 6: layer 1 gives 303, 330 and 222; layer 2 (303 + 22200) / 2, (3300 + 22200) / 2 and (303 + 3300 + 22200) / 3.
    first, second, shared = 22503 / 2, 25500 / 2, 25803 / 3
    expected = np.array([[[(first + 100 * shared) / 2]], [[(10 * second + 100 * shared) / 2]]])
    assert np.array(ple_forward(6 * ONE, [FACTORS, FACTORS, last])) == pytest.approx(expected)


@pytest.mark.examples(spec="I1", hint=3)
def test_influence_of_layers_and_tasks() -> None:
    """In the last layer a task's own experts reach its output alone; in every earlier one they reach all outputs."""
    assert np.asarray(influence(2, 1)).tolist() == [[[True, False], [False, True]]]
    assert np.asarray(influence(1, 3)).tolist() == [[[True]]] * 3
    assert np.asarray(influence(3, 3)).tolist() == [[[True] * 3] * 3, [[True] * 3] * 3, np.eye(3, dtype=bool).tolist()]


@pytest.mark.edges(spec="C1 C3", hint=1)
def test_relu_is_applied_to_each_expert() -> None:
    """An expert never answers less than 0, before the gate weighs it."""
    negative = {**UNEVEN, "task_experts": [[says(-3)], [says(8), says(-4)]], "shared_experts": [says(2), says(-16)]}
    outputs, shared = cgc_layer([ONE, ONE], ONE, negative)
    assert np.array(outputs) == pytest.approx(np.array([[[2 / 4]], [[(8 + 3 * 2) / 8]]]))
    assert shared == pytest.approx(np.array([[(2 * 8 + 2 * 2) / 8]]))


@pytest.mark.edges(spec="C5 F2", hint=2)
def test_a_last_layer_has_no_shared_gate() -> None:
    """Where no shared gate is asked for, as in a last layer, it may be missing or there; the shared output is None."""
    missing = {key: value for key, value in UNEVEN.items() if key != "shared_gate"}
    expected = np.array(cgc_layer([ONE, ONE], ONE, UNEVEN)[0])
    assert np.all(expected > 0), "experts whose answers are above 0 give outputs above 0"
    for params in (UNEVEN, missing):
        outputs, shared = cgc_layer([ONE, ONE], ONE, params, False)
        assert shared is None, "no shared gate, no shared output"
        assert np.array(outputs) == pytest.approx(expected)
        found = ple_forward(ONE, [params])
        assert len(found) == 2, "one output for each task"
        assert np.array(found) == pytest.approx(expected)


@pytest.mark.edges(spec="C6", hint=2)
def test_gates_may_be_very_sure() -> None:
    """Gate logits of a million up or down choose an expert, or divide evenly where they are equal; there is no NaN."""
    for far in (1e6, -1e6):
        sure = {
            **UNEVEN,
            "task_gates": [says(far, far, far), says(0, far, 0, far)],
            "shared_gate": says(far, 0, 0, 0, 0),
        }
        outputs, shared = cgc_layer([ONE, ONE], ONE, sure)
        of_second = [(8 + 2) / 2, (4 + 16) / 2][far > 0]
        assert np.array(outputs) == pytest.approx(np.array([[[19 / 3]], [[of_second]]]))
        assert shared == pytest.approx(np.array([[1.0 if far > 0 else (8 + 4 + 2 + 16) / 4]]))


@pytest.mark.edges(spec="G1", hint=2)
def test_everything_is_computed_in_float64() -> None:
    """Inputs and weights of small integers or float32 give what the same numbers in float64 give."""
    small = Layer([np.array([[100.0], [-3]]), np.array([[7.0], [50]])], np.array([[90.0], [2]]), FACTORS)
    expected, expected_shared = cgc_layer(*small)
    for dtype in (np.int8, np.float32):
        experts = {
            "task_experts": [
                [tuple(part.astype(dtype) for part in expert) for expert in group] for group in FACTORS["task_experts"]
            ],
            "shared_experts": [tuple(part.astype(dtype) for part in expert) for expert in FACTORS["shared_experts"]],
        }
        task_x = [x.astype(dtype) for x in small.task_x]
        outputs, shared = cgc_layer(task_x, small.shared_x.astype(dtype), {**FACTORS, **experts})
        assert np.array(outputs) == pytest.approx(np.array(expected), rel=1e-12)
        assert shared == pytest.approx(expected_shared, rel=1e-12)
    # A third isn't a float32.
    thirds = Layer([np.ones((1, 1), np.float32)] * 2, np.ones((1, 1), np.float32), FACTORS)
    assert cgc_layer(*thirds)[1] == pytest.approx(np.array([[111 / 3]]), rel=1e-12)
    tenths = {key: value if key != "shared_gate" else says(0.1, 0, 0) for key, value in FACTORS.items()}
    exact = (math.exp(0.1) + 10 + 100) / (math.exp(0.1) + 2)
    assert cgc_layer(*thirds._replace(params=tenths))[1] == pytest.approx(np.array([[exact]]), rel=1e-12)


@pytest.mark.edges(spec="G1 C1")
def test_no_rows_give_no_rows() -> None:
    """Inputs without rows give arrays of shape (0, h)."""
    nobody = np.zeros((0, 1))
    outputs, shared = cgc_layer([nobody, nobody], nobody, UNEVEN)
    assert [np.asarray(each).shape for each in (*outputs, shared)] == [(0, 1)] * 3
    assert [np.shape(each) for each in ple_forward(nobody, [UNEVEN, UNEVEN])] == [(0, 1)] * 2


@pytest.mark.edges(spec="V1")
def test_tasks_that_do_not_fit_are_refused() -> None:
    """ValueError for no task, for inputs, groups and gates of different numbers, and for a group without an expert."""
    layer = Layer([ONE, ONE], ONE, UNEVEN)
    refuses(cgc_layer, *layer.with_params(task_experts=[], task_gates=[])._replace(task_x=[]))
    refuses(cgc_layer, [], ONE, {**UNEVEN, "task_experts": [], "task_gates": [], "shared_gate": says(0, 0)})
    refuses(cgc_layer, [], ONE, {**UNEVEN, "task_experts": [], "task_gates": []}, False)
    for task_x in ([ONE], [ONE, ONE, ONE]):
        refuses(cgc_layer, task_x, ONE, UNEVEN, False)
    for key in ("task_experts", "task_gates"):
        refuses(cgc_layer, *layer.with_params(**{key: UNEVEN[key][:1]}), False)
        refuses(cgc_layer, *layer.with_params(**{key: [*UNEVEN[key], UNEVEN[key][0]]}), False)
    lonely = {
        **UNEVEN,
        "task_experts": [[], UNEVEN["task_experts"][1]],
        "task_gates": [says(0, 0), UNEVEN["task_gates"][1]],
    }
    refuses(cgc_layer, [ONE, ONE], ONE, lonely, False)
    private = {**UNEVEN, "shared_experts": [], "task_gates": [says(0), says(0, 0)]}
    refuses(cgc_layer, [ONE, ONE], ONE, private, False)
    refuses(ple_forward, ONE, [private])
    alone = {**UNEVEN, "task_experts": [[says(1)]], "task_gates": [says(0, 0, 0)], "shared_gate": says(0, 0, 0)}
    refuses(ple_forward, ONE, [UNEVEN, alone])
    refuses(ple_forward, ONE, [alone, UNEVEN])


@pytest.mark.edges(spec="V1")
def test_shapes_that_do_not_fit_are_refused() -> None:
    """ValueError for other numbers of rows, other widths of experts, and gates with too few or too many columns."""
    two_rows = np.ones((2, 1))
    refuses(cgc_layer, [ONE, two_rows], ONE, UNEVEN)
    refuses(cgc_layer, [two_rows, two_rows], ONE, UNEVEN)
    refuses(cgc_layer, [ONE, ONE], two_rows, UNEVEN)
    wide = says(2, 2)
    refuses(cgc_layer, [ONE, ONE], ONE, {**UNEVEN, "task_experts": [[wide], UNEVEN["task_experts"][1]]})
    refuses(cgc_layer, [ONE, ONE], ONE, {**UNEVEN, "shared_experts": [wide, says(16)]})
    for n_columns in (1, 2, 4):
        refuses(cgc_layer, [ONE, ONE], ONE, {**UNEVEN, "task_gates": [says(*[0] * n_columns), UNEVEN["task_gates"][1]]})
    for n_columns in (1, 2, 4, 6):
        refuses(cgc_layer, [ONE, ONE], ONE, {**UNEVEN, "shared_gate": says(*[0] * n_columns)})


@pytest.mark.edges(spec="V2")
def test_networks_of_nothing_are_refused() -> None:
    """`ple_forward` without a layer and `influence` with fewer than one task or one layer raise ValueError."""
    refuses(ple_forward, ONE, [])
    for n_tasks, n_layers in ((0, 1), (1, 0), (-1, 2), (2, -1)):
        refuses(influence, n_tasks, n_layers)


@pytest.mark.properties(spec="C2 C3 C4", hint=1)
@given(layers, st.sampled_from([0.25, 1.0, 3.5]))
def test_experts_who_agree_are_believed(layer: Layer, value: float) -> None:
    """If every expert gives the same answer, so do all outputs, whatever the gates: their weights sum to 1."""
    n_rows, width = layer.shared_x.shape
    agreed = (np.zeros((width, 2)), np.array([value, 2 * value]))
    groups = [[agreed] * len(group) for group in layer.params["task_experts"]]
    same = layer.with_params(task_experts=groups, shared_experts=[agreed] * len(layer.params["shared_experts"]))
    outputs, shared = cgc_layer(*same)
    expected = np.tile(agreed[1], (n_rows, 1))
    assert np.array(outputs) == pytest.approx(np.array([expected] * len(groups)))
    assert shared == pytest.approx(expected)


@pytest.mark.properties(spec="C2", hint=2)
@given(layers_of_two_rows)
def test_a_row_is_on_its_own(layer: Layer) -> None:
    """A row gets alone what it gets in a batch."""
    outputs, shared = cgc_layer(*layer)
    alone, alone_shared = cgc_layer([x[1:2] for x in layer.task_x], layer.shared_x[1:2], layer.params)
    assert np.array(alone) == pytest.approx(np.array(outputs)[:, 1:2])
    assert alone_shared == pytest.approx(np.asarray(shared)[1:2])


@pytest.mark.properties(spec="C3 C4", hint=2)
@given(reordered_layers())
def test_tasks_have_no_rank(layers_and_order: tuple[Layer, Layer, list[int]]) -> None:
    """With the tasks in another order, and the shared gate's columns with them, only the order of outputs changes."""
    layer, other, order = layers_and_order
    outputs, shared = cgc_layer(*layer)
    other_outputs, other_shared = cgc_layer(*other)
    assert np.array(other_outputs) == pytest.approx(np.array(outputs)[order])
    assert other_shared == pytest.approx(shared)


@pytest.mark.properties(spec="C3 F1 I1", hint=1)
@given(positive_networks)
def test_the_last_layer_keeps_tasks_apart(drawn_network: Positive) -> None:
    """Other experts for one task in the last layer change that task's output, and no other by the least bit."""
    network, reader, changed = drawn_network
    before = np.array(ple_forward(*network))
    after = np.array(ple_forward(*network.with_layer(1, louder(network.layers[1], changed))))
    assert after[reader].tolist() == before[reader].tolist()
    assert np.all(after[changed] > before[changed] + 1e-6), "a task's own experts change its output"


@pytest.mark.properties(spec="C4 F1 I1", hint=1)
@given(positive_networks)
def test_an_earlier_layer_passes_knowledge_on(drawn_network: Positive) -> None:
    """Other experts for one task in an earlier layer reach every output, by way of the shared gate."""
    network, reader, changed = drawn_network
    before = np.array(ple_forward(*network))
    after = np.array(ple_forward(*network.with_layer(0, louder(network.layers[0], changed))))
    assert np.all(after[[reader, changed]] > before[[reader, changed]] + 1e-6), "every output rises"


@pytest.mark.oracle(spec="C1 C2 C3 C4", hint=2)
@given(layers)
def test_a_layer_agrees_with_a_slow_definition(layer: Layer) -> None:
    """Both answers of `cgc_layer` equal those computed row by row and expert by expert."""
    rows = zip(*(x.tolist() for x in layer.task_x), strict=True)
    slow = [
        slow_row(list(row), shared, layer.params) for row, shared in zip(rows, layer.shared_x.tolist(), strict=True)
    ]
    outputs, shared = cgc_layer(*layer)
    assert np.array(outputs) == pytest.approx(np.array([row for row, _ in slow]).swapaxes(0, 1), abs=1e-9)
    assert shared == pytest.approx(np.array([row for _, row in slow]), abs=1e-9)


@pytest.mark.oracle(spec="F1 F2", hint=2)
@given(drawn_networks())
def test_a_network_agrees_with_a_slow_definition(network: Network) -> None:
    """The outputs of `ple_forward` equal those computed row by row and layer by layer."""
    expected = np.array(slow_forward(*network)).swapaxes(0, 1)
    assert np.array(ple_forward(*network)) == pytest.approx(expected, rel=1e-9, abs=1e-9)
