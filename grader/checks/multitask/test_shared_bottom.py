"""Hidden checks of multitask/shared_bottom.

The accounts are held against sums by hand and against shapes written out. The model is rebuilt from configuration and
weights and held by what it predicts under weights of our choosing; only what compiling decided is asked of the
learner's own model. Nothing here imports Keras, so the backend doesn't matter.
"""

import math
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_bottom import build_shared_bottom, parameter_report

from grader import checking
from grader.checks.oracles.networks import dense_parameters, sigmoid

Sizes = tuple[int, ...]
Layout = tuple[int, int, Sizes, Sizes]

sizes = st.integers(1, 40)
layouts: st.SearchStrategy[Layout] = st.tuples(
    sizes,
    st.integers(2, 6),
    st.lists(sizes, min_size=1, max_size=3).map(tuple),
    st.lists(sizes, max_size=3).map(tuple),
)


# --- The accounts ----------------------------------------------------------------------------------------------------


@pytest.mark.interface(spec="R1 R2")
def test_report_is_four_ints() -> None:
    """`parameter_report` gives a dict with the keys shared, per_task, total and saved, each an int."""
    report = parameter_report(3, 2, (4,), (2,))
    assert {name: type(count).__name__ for name, count in report.items()} == dict.fromkeys(
        ("shared", "per_task", "total", "saved"), "int"
    )


@pytest.mark.examples(spec="R1 R2", hint=1)
def test_report_of_one_hidden_layer_each() -> None:
    """With one hidden layer in the bottom and one in each tower, shared, per_task, total and saved are right."""
    # 11 * 4 = 44; 5 * 3 + 4 * 1 = 19; 44 + 3 * 19 = 101; 3 * (44 + 19) = 189 = 101 + 88.
    assert parameter_report(10, 3, (4,), (3,)) == {"shared": 44, "per_task": 19, "total": 101, "saved": 88}


@pytest.mark.examples(spec="R1 R2", hint=1)
def test_report_of_deep_parts() -> None:
    """With several hidden layers in the bottom and in each tower, shared, per_task, total and saved are right."""
    # 3 * 5 + 6 * 3 = 33; 4 * 4 + 5 * 2 + 3 * 1 = 29; 33 + 4 * 29 = 149; saved 3 * 33.
    assert parameter_report(2, 4, (5, 3), (4, 2)) == {"shared": 33, "per_task": 29, "total": 149, "saved": 99}


@pytest.mark.edges(spec="R1 V1", hint=1)
def test_report_without_towers() -> None:
    """Where the tower has no hidden layer, a task has only its head, which reads the bottom."""
    assert parameter_report(4, 2, (6, 5), ()) == {"shared": 65, "per_task": 6, "total": 77, "saved": 65}


@pytest.mark.edges(spec="R2", hint=1)
def test_one_task_saves_nothing() -> None:
    """A single task shares its bottom with nobody: saved is 0, and the total is bottom and tower."""
    assert parameter_report(3, 1, (7,), (2,)) == {"shared": 28, "per_task": 19, "total": 47, "saved": 0}


@pytest.mark.edges(spec="V1")
def test_report_refuses_what_is_no_model() -> None:
    """An empty bottom, and features, tasks or units below 1, raise ValueError."""
    impossible: list[Layout] = [
        (4, 2, (), (3,)),
        (0, 2, (5,), (3,)),
        (4, 0, (5,), (3,)),
        (4, 2, (5, 0), (3,)),
        (4, 2, (5,), (3, -1)),
    ]
    for layout in impossible:
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            parameter_report(*layout)


@pytest.mark.properties(spec="R1 R2", hint=1)
@given(layouts)
def test_another_task_costs_a_tower_and_saves_a_bottom(layout: Layout) -> None:
    """One task more adds per_task to the total and shared to what is saved; shared and per_task stay as they are."""
    n_features, n_tasks, bottom, tower = layout
    fewer, more = parameter_report(*layout), parameter_report(n_features, n_tasks + 1, bottom, tower)
    grown = {
        **fewer,
        "total": fewer["total"] + fewer["per_task"],
        "saved": fewer["saved"] + fewer["shared"],
    }
    assert more == grown


@pytest.mark.oracle(spec="R1 R2", hint=1)
@given(layouts)
def test_agrees_with_the_kernels_and_biases_counted(layout: Layout) -> None:
    """The report counts the kernels and biases of the shared model, and of one model for each task."""
    n_features, n_tasks, bottom, tower = layout
    shared = sum(below * above + above for below, above in pairwise((n_features, *bottom)))
    per_task = sum(below * above + above for below, above in pairwise((bottom[-1], *tower, 1)))
    total = shared + sum(per_task for _ in range(n_tasks))
    alone = sum(shared + per_task for _ in range(n_tasks))
    assert parameter_report(*layout) == {
        "shared": shared,
        "per_task": per_task,
        "total": total,
        "saved": alone - total,
    }


# --- The model -------------------------------------------------------------------------------------------------------

# No two layers have the same shape, so that a weight tells its place; the names aren't in the order of the alphabet.
N_FEATURES, BOTTOM, TOWER = 7, (6, 5), (4, 3)
TASKS = {"spend": "regression", "click": "binary", "stars": "regression"}
BOTTOM_PARAMETERS = dense_parameters(N_FEATURES, *BOTTOM)
TOWER_PARAMETERS = dense_parameters(BOTTOM[-1], *TOWER, 1)


@pytest.fixture(scope="module")
def built() -> Any:
    """The learner's model of three tasks, as it was returned."""
    return build_shared_bottom(N_FEATURES, dict(TASKS), BOTTOM, TOWER)


@pytest.fixture(scope="module")
def model(built: Any) -> checking.Model:
    """The same, rebuilt."""
    return rebuilt(built)


def rebuilt(model: object) -> checking.Model:
    """A model as a fact."""
    assert hasattr(model, "get_weights"), "`build_shared_bottom` returns a Keras model"
    return checking.rebuilt(model)


def averages(model: checking.Model) -> list[checking.Array]:
    """Weights with which every unit averages what it reads, and no biases."""
    return [np.full(w.shape, 1 / w.shape[0] if w.ndim == 2 else 0.0) for w in model.weights()]


def all_positive(model: checking.Model, seed: int) -> list[checking.Array]:
    """Weights that keep every ReLU open for positive inputs, each unit reading something like an average."""
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.uniform(0.5, 1.5, w.shape)) / (w.shape[0] if w.ndim == 2 else 4) for w in model.weights()]


class Reach(NamedTuple):
    """The tasks whose outputs move when one weight tensor changes."""

    parameters: int
    tasks: frozenset[str]


@pytest.fixture(scope="module")
def reaches(model: checking.Model) -> list[Reach]:
    """For every weight tensor, which outputs it moves; enlarging a positive weight enlarges every output above it."""
    rng = np.random.default_rng(1997)
    inputs = rng.uniform(0.5, 1.5, (8, N_FEATURES)).astype(np.float32)
    weights = all_positive(model, seed=1)
    before = model.predict(inputs, weights)
    found = []
    for i, weight in enumerate(weights):
        larger = weight * rng.uniform(1.5, 2.0, weight.shape)
        after = model.predict(inputs, [*weights[:i], larger, *weights[i + 1 :]])
        moved = frozenset(name for name in TASKS if np.max(np.abs(after[name] - before[name])) > 1e-5)
        found.append(Reach(weight.size, moved))
    return found


@pytest.mark.interface(spec="B1")
def test_the_model_has_an_output_for_each_task(model: checking.Model) -> None:
    """The model takes (batch, n_features), and its output is a dict: for each task's name an array (batch, 1)."""
    answer = model.predict(np.zeros((2, N_FEATURES), np.float32))
    assert {name: values.shape for name, values in answer.items()} == dict.fromkeys(TASKS, (2, 1))


@pytest.mark.interface(spec="B6")
def test_tasks_are_left_alone() -> None:
    """The dict of tasks isn't changed: it can be used for a second model with the same outputs."""
    tasks = checking.resident({"click": "binary", "spend": "regression"})
    for _ in range(2):
        fact = rebuilt(build_shared_bottom(2, tasks, (3,), (2,)))
        answer = fact.predict(np.zeros((1, 2), np.float32))
        assert sorted({"click", "spend"} & set(answer)) == ["click", "spend"]


@pytest.mark.examples(spec="B2", hint=1)
def test_number_of_parameters(model: checking.Model) -> None:
    """The model has the parameters of one bottom and a tower for each task, for given and for default sizes."""
    by_default = rebuilt(build_shared_bottom(5, {"click": "binary", "buy": "binary"}))
    assert sum(w.size for w in by_default.weights()) == dense_parameters(5, 32) + 2 * dense_parameters(32, 8, 1)
    assert sum(w.size for w in model.weights()) == BOTTOM_PARAMETERS + 3 * TOWER_PARAMETERS


@pytest.mark.examples(spec="B2 B3", hint=2)
def test_a_model_of_averages(model: checking.Model) -> None:
    """If every unit averages what it reads, a regression gives max(0, mean feature), a binary task its sigmoid."""
    inputs = np.array([[1, 2, 3, 0, 4, 2, 2], [-1, -2, 0, 1, 2, 3, 4], [-1, -2, -3, 0, 1, -4, -5]], np.float32)
    answer = model.predict(inputs, averages(model))
    assert answer["spend"] == pytest.approx(np.array([[2.0], [1.0], [0.0]]), abs=1e-4)
    assert answer["stars"] == pytest.approx(np.array([[2.0], [1.0], [0.0]]), abs=1e-4)
    assert answer["click"] == pytest.approx(np.array([[sigmoid(2)], [sigmoid(1)], [1 / 2]]), abs=1e-4)


@pytest.mark.examples(spec="B3", hint=2)
def test_regressions_can_be_negative_and_probabilities_cannot(model: checking.Model) -> None:
    """Where the head reads 0 and its bias is -3, a regression gives -3 and a binary task the sigmoid of -3."""
    biased = [np.full(w.shape, -3.0 if w.shape == (1,) else 0.0) for w in model.weights()]
    answer = model.predict(np.ones((1, N_FEATURES), np.float32), biased)
    assert answer["spend"] == pytest.approx(np.array([[-3.0]]), abs=1e-4)
    assert answer["stars"] == pytest.approx(np.array([[-3.0]]), abs=1e-4)
    assert answer["click"] == pytest.approx(np.array([[sigmoid(-3)]]), abs=1e-4)


@pytest.mark.edges(spec="B1 V1", hint=1)
def test_one_task_and_no_tower() -> None:
    """With one task and no hidden layer in the tower the output is still a dict, and the head reads the bottom."""
    fact = rebuilt(build_shared_bottom(3, {"click": "binary"}, (4,), ()))
    assert sum(w.size for w in fact.weights()) == dense_parameters(3, 4, 1)
    answer = fact.predict(np.array([[3, 1, 2]], np.float32), averages(fact))
    assert sorted(answer) == ["click"]
    assert answer["click"] == pytest.approx(np.array([[sigmoid(2)]]), abs=1e-4)


@pytest.mark.edges(spec="V1")
def test_build_refuses_what_is_no_model() -> None:
    """No tasks, a kind that is neither binary nor regression, an empty bottom and sizes below 1 raise ValueError."""
    some = {"spend": "regression"}
    kinds = ["Regression", "multiclass", "linear", ""]
    impossible: list[tuple[int, dict[str, str], Sizes, Sizes]] = [
        (3, {}, (4,), (2,)),
        *((3, {"click": "binary", "spend": kind}, (4,), (2,)) for kind in kinds),
        (3, some, (), (2,)),
        (0, some, (4,), (2,)),
        (3, some, (4,), (0,)),
    ]
    for arguments in impossible:
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            build_shared_bottom(*arguments)


@pytest.mark.properties(spec="B2 B4", hint=1)
def test_the_bottom_moves_every_output(reaches: list[Reach]) -> None:
    """The weights that move the outputs of all tasks are the shared bottom's: as many parameters, no fewer, no more."""
    assert sum(reach.parameters for reach in reaches if reach.tasks == frozenset(TASKS)) == BOTTOM_PARAMETERS


@pytest.mark.properties(spec="B2 B4", hint=1)
def test_a_tower_moves_only_its_own_task(reaches: list[Reach]) -> None:
    """For each task there is one tower's worth of parameters that moves its output and no other."""
    own = {name: sum(reach.parameters for reach in reaches if reach.tasks == {name}) for name in TASKS}
    assert own == dict.fromkeys(TASKS, TOWER_PARAMETERS)


@pytest.mark.oracle(spec="B2 B3 B4", hint=2)
def test_agrees_with_a_forward_pass_in_numpy(model: checking.Model, reaches: list[Reach]) -> None:
    """For weights and inputs of both signs, each output is what its layers give when they are computed one by one."""
    rng = np.random.default_rng(2017)
    inputs = rng.normal(size=(32, N_FEATURES)).astype(np.float32)
    weights = [np.asarray(0.8 * rng.standard_normal(w.shape)) for w in model.weights()]
    answer = model.predict(inputs, weights)
    for name, kind in TASKS.items():
        mine = {w.shape: w for w, reach in zip(weights, reaches, strict=True) if name in reach.tasks}
        through = [*pairwise((N_FEATURES, *BOTTOM, *TOWER, 1))]
        complete = set(mine) == {shape for below, above in through for shape in ((below, above), (above,))}
        assert complete, f"the output {name} depends on a kernel and a bias of every layer, and on nothing else"
        values = inputs.astype(float)
        for below, above in through:
            logits = values @ mine[below, above] + mine[above,]
            values = np.maximum(logits, 0)
        expected = 1 / (1 + np.exp(-logits)) if kind == "binary" else logits
        assert answer[name] == pytest.approx(expected, rel=1e-3, abs=1e-3)


# --- Compiled --------------------------------------------------------------------------------------------------------


@pytest.mark.examples(spec="B5", hint=3, seconds=20)
def test_the_loss_is_the_sum_of_each_task_s_own(built: Any, model: checking.Model) -> None:
    """`evaluate` reports the sum of the tasks' mean losses: cross-entropy if binary, squared error if regression."""
    # With zero kernels each head gives its bias, ln 3: click is 3/4. Squared errors: (1 + 1 + 9 + 1) / 4 and 4.
    built.set_weights([np.full(w.shape, math.log(3) if w.shape == (1,) else 0.0) for w in model.weights()])
    column = np.ones((4, 1), np.float32)
    labels = {
        "stars": (math.log(3) + 2) * column,
        "spend": math.log(3) + np.array([[1], [-1], [3], [1]], np.float32),
        "click": np.array([[1], [1], [0], [1]], np.float32),
    }
    reported = built.evaluate(np.ones((4, N_FEATURES), np.float32), labels, verbose=0, return_dict=True)
    cross_entropy = (3 * math.log(4 / 3) + math.log(4)) / 4
    assert reported["loss"] == pytest.approx(cross_entropy + 3 + 4, abs=1e-4)


@pytest.mark.properties(spec="B2 B4 B5", hint=3, seconds=20)
def test_training_one_task_leaves_the_other_towers(built: Any, model: checking.Model, reaches: list[Reach]) -> None:
    """One step of training on one task alone moves the bottom and that task's tower by Adam's 0.001, no other tower."""
    # Where every ReLU is open and the labels are far off, no gradient is 0: Adam's first step is its rate for each.
    weights = all_positive(model, seed=2)
    built.set_weights(weights)
    inputs = np.random.default_rng(3).uniform(0.5, 1.5, (4, N_FEATURES)).astype(np.float32)
    labels = {name: np.full((4, 1), 0.0 if kind == "binary" else 50.0, np.float32) for name, kind in TASKS.items()}
    counts = {name: np.full(4, float(name == "spend"), np.float32) for name in TASKS}
    built.train_on_batch(inputs, labels, sample_weight=counts)
    trained = rebuilt(built)
    steps = {"bottom": 0.0, "spend": 0.0, "click": 0.0, "stars": 0.0}
    for old, new, reach in zip(weights, trained.weights(), reaches, strict=True):
        part = next(iter(reach.tasks)) if len(reach.tasks) == 1 else "bottom"
        steps[part] = max(steps[part], float(np.max(np.abs(new - old.astype(np.float32)))))
    assert steps == pytest.approx({"bottom": 1e-3, "spend": 1e-3, "click": 0, "stars": 0}, abs=1e-5)
    still = {name: steps[name] for name in ("click", "stars")}
    assert still == {"click": 0.0, "stars": 0.0}


@pytest.mark.data(spec="B5", hint=3, seconds=40)
def test_learns_both_tasks() -> None:
    """On 1,500 generated customers, 15 epochs leave each task at most 3/4 of the loss of the best constant answer."""
    rng = np.random.default_rng(1997)
    features = rng.normal(size=(1500, 6)).astype(np.float32)
    taste = features[:, :1] - features[:, 1:2] + np.maximum(features[:, 2:3], 0)
    spend = (2 * taste - 2 + 0.5 * rng.normal(size=taste.shape)).astype(np.float32)
    click = (rng.random(taste.shape) < 1 / (1 + np.exp(-2 * taste))).astype(np.float32)
    model = build_shared_bottom(6, {"spend": "regression", "click": "binary"}, (32,), (16,))
    assert hasattr(model, "get_weights"), "`build_shared_bottom` returns a Keras model"
    model.fit(features, {"click": click, "spend": spend}, epochs=15, batch_size=32, verbose=0)
    fact = rebuilt(model)
    answer = fact.predict(features)
    p = np.clip(answer["click"], 1e-6, 1 - 1e-6)
    losses = {
        "spend": float(np.mean((answer["spend"] - spend) ** 2)),
        "click": float(-np.mean(np.where(click == 1, np.log(p), np.log(1 - p)))),
    }
    rate = click.mean()
    constant = {"spend": spend.var(), "click": -rate * math.log(rate) - (1 - rate) * math.log(1 - rate)}
    for task, loss in losses.items():
        bar = 0.75 * float(constant[task])
        assert loss <= bar, f"the loss of {task} is at most {bar:.4f}; it is {loss:.4f}"
