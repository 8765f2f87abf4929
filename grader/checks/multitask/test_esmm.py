"""Hidden checks of multitask/esmm.

Two parts: the loss in numpy, held against exact fractions, its own gradient and 400-digit arithmetic; and the Keras
model, rebuilt from configuration and weights, held by what it predicts under weights of our choosing. Nothing here
imports Keras, fits a model or compares with a recorded weight, so the backend doesn't matter.
"""

import math
from collections.abc import Iterator
from decimal import Decimal, localcontext
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from esmm import build_esmm, esmm_loss, esmm_predict
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from grader import checking
from grader.checks.oracles.networks import dense_parameters, sigmoid

Floats = NDArray[np.float64]
Row = tuple[float, float, tuple[int, int]]


class Log(NamedTuple):
    """N impressions, in the order of the arguments of `esmm_loss`."""

    ctr_logit: Floats
    cvr_logit: Floats
    click: NDArray[np.int64]
    conversion: NDArray[np.int64]


def log_of(rows: list[Row]) -> Log:
    """The columns of a log, from rows (ctr_logit, cvr_logit, (click, conversion))."""
    ctr_logit, cvr_logit, outcomes = zip(*rows, strict=True)
    click, conversion = zip(*outcomes, strict=True)
    return Log(np.array(ctr_logit, float), np.array(cvr_logit, float), np.array(click), np.array(conversion))


def logit(*probabilities: float) -> Floats:
    """Logits of probabilities: with these the sigmoids are simple fractions."""
    odds = np.array(probabilities) / (1 - np.array(probabilities))
    logits: Floats = np.log(odds)
    return logits


UNCLICKED, CLICKED, BOUGHT = (0, 0), (1, 0), (1, 1)

# Eighths are exact in binary, and the largest, 4, is far from where a sigmoid rounds to 1.
logits = st.integers(-32, 32).map(lambda n: n / 8)
rows = st.tuples(logits, logits, st.sampled_from([UNCLICKED, CLICKED, BOUGHT]))
row_lists = st.lists(rows, min_size=1, max_size=5)
logs = row_lists.map(log_of)
shuffled_logs = row_lists.flatmap(lambda rows: st.tuples(st.just(log_of(rows)), st.permutations(rows).map(log_of)))
unclicked_first = st.builds(
    lambda ctr, cvr, others: log_of([(ctr, cvr, UNCLICKED), *others]), logits, logits, st.lists(rows, max_size=3)
)
far_logits = st.sampled_from([0.0, 2.0, 40.0, -40.0, 800.0, -800.0])
far_rows = st.tuples(far_logits, far_logits, st.sampled_from([UNCLICKED, CLICKED, BOUGHT]))
far_logs = st.lists(far_rows, min_size=1, max_size=3).map(log_of)

FRACTIONS = Log(
    logit(4 / 5, 1 / 3, 2 / 5, 1 / 2),
    logit(1 / 4, 3 / 5, 2 / 3, 1 / 8),
    np.array([1, 1, 0, 0]),
    np.array([1, 0, 0, 0]),
)
FRACTIONS_LOSS = math.log(1250 / 11) / 4
"""Clicks: 4/5 * 1/3 * 3/5 * 1/2 = 2/25. Purchases: 1/5 * 4/5 * 11/15 * 15/16 = 11/100. Product 11/1250."""


@pytest.mark.interface(spec="P1 L1 G1")
def test_predict_gives_three_arrays_and_loss_a_float() -> None:
    """`esmm_predict` gives a dict of float64 arrays ctr, cvr and ctcvr, each (N,); `esmm_loss` gives a float."""
    answer = esmm_predict(FRACTIONS.ctr_logit, FRACTIONS.cvr_logit)
    found = {name: (str(np.asarray(values).dtype), np.shape(values)) for name, values in answer.items()}
    assert found == dict.fromkeys(("ctr", "cvr", "ctcvr"), ("float64", (4,)))
    assert isinstance(esmm_loss(*FRACTIONS), float), "the loss is one float"


@pytest.mark.interface(spec="G1")
def test_arguments_are_left_alone() -> None:
    """No argument is changed: a second call with the same arrays gives the same answer."""
    ctr_logit, cvr_logit = checking.resident(FRACTIONS.ctr_logit.copy()), checking.resident(FRACTIONS.cvr_logit.copy())
    click, conversion = checking.resident(FRACTIONS.click.copy()), checking.resident(FRACTIONS.conversion.copy())
    losses = []
    for _ in range(2):
        losses.append(esmm_loss(ctr_logit, cvr_logit, click, conversion))
        assert esmm_predict(ctr_logit, cvr_logit)["ctr"] == pytest.approx(np.array([4 / 5, 1 / 3, 2 / 5, 1 / 2]))
    assert losses[1] == losses[0], "a second call with the same arrays gives the same loss"


@pytest.mark.examples(spec="P1", hint=1)
def test_ctcvr_is_a_product_of_probabilities() -> None:
    """CTR and CVR are the sigmoids of their logits, and CTCVR is their product."""
    answer = esmm_predict(logit(1 / 5, 2 / 3, 9 / 10), logit(3 / 4, 1 / 2, 1 / 3))
    assert answer["ctr"] == pytest.approx(np.array([1 / 5, 2 / 3, 9 / 10]))
    assert answer["cvr"] == pytest.approx(np.array([3 / 4, 1 / 2, 1 / 3]))
    assert answer["ctcvr"] == pytest.approx(np.array([3 / 20, 1 / 3, 3 / 10]))


@pytest.mark.examples(spec="L1 L2", hint=1)
def test_loss_of_four_impressions() -> None:
    """The loss is the mean over all impressions of the click's and the purchase's cross-entropy."""
    assert esmm_loss(*FRACTIONS) == pytest.approx(FRACTIONS_LOSS)


@pytest.mark.edges(spec="L4")
def test_a_conversion_without_a_click_is_refused() -> None:
    """A conversion on an impression that wasn't clicked raises ValueError: the log is broken."""
    with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
        esmm_loss(np.zeros(3), np.zeros(3), np.array([1, 0, 0]), np.array([1, 0, 1]))


@pytest.mark.edges(spec="P3 L4")
def test_columns_of_different_shapes_are_refused() -> None:
    """Columns of different shapes raise ValueError, also where numpy could stretch one to fit the other."""
    with pytest.raises(ValueError):  # noqa: PT011
        esmm_predict(np.zeros((3, 1)), np.zeros(3))
    log = log_of([(0, 0, UNCLICKED)] * 3)
    for name, column in log._asdict().items():
        for stretchable in (column[:1], column.reshape(3, 1)):
            with pytest.raises(ValueError):  # noqa: PT011
                esmm_loss(*log._replace(**{name: stretchable}))


@pytest.mark.edges(spec="P3 L4")
def test_no_impressions() -> None:
    """No impressions: `esmm_predict` gives empty arrays, and `esmm_loss` raises ValueError."""
    nothing, no_labels = np.zeros(0), np.zeros(0, np.int64)
    assert [np.shape(esmm_predict(nothing, nothing)[name]) for name in ("ctr", "cvr", "ctcvr")] == [(0,)] * 3
    with pytest.raises(ValueError):  # noqa: PT011
        esmm_loss(nothing, nothing, no_labels, no_labels)


@pytest.mark.edges(spec="P2", hint=2)
def test_probabilities_of_large_logits() -> None:
    """Logits as far as 800 from zero give probabilities of 0 and 1, never NaN."""
    answer = esmm_predict(np.array([800.0, 750.0, -800.0]), np.array([720.0, -800.0, 760.0]))
    assert answer["ctr"] == pytest.approx(np.array([1.0, 1.0, 0.0]))
    assert answer["cvr"] == pytest.approx(np.array([1.0, 0.0, 1.0]))
    assert answer["ctcvr"] == pytest.approx(np.array([1.0, 0.0, 0.0]))


@pytest.mark.edges(spec="L3", hint=3)
def test_loss_of_confident_mistakes() -> None:
    """A click that was certain to convert and didn't costs what the formula says, however large the logits."""
    # 1 - pq is 2e^-600, then e^-500, so the losses are 600 - ln 2 and 500; the third costs 750 + (750 + 50).
    surely_bought = log_of([(600, 600, CLICKED), (700, 500, CLICKED), (-750, -50, BOUGHT), (-800, 800, UNCLICKED)])
    assert esmm_loss(*surely_bought) == pytest.approx((600 - math.log(2) + 500 + 1550) / 4)


@pytest.mark.properties(spec="P1", hint=1)
@given(st.lists(st.tuples(logits, logits), min_size=1, max_size=5))
def test_ctcvr_is_at_most_ctr_and_cvr(pairs: list[tuple[float, float]]) -> None:
    """Nobody buys without a click: CTCVR is at most CTR, and at most CVR."""
    ctr_logit, cvr_logit = np.array(pairs).T
    answer = esmm_predict(ctr_logit, cvr_logit)
    ceiling = np.minimum(answer["ctr"], answer["cvr"])
    assert np.all(answer["ctcvr"] <= ceiling + 1e-12), "CTCVR is at most CTR and at most CVR"
    assert np.all(answer["ctcvr"] > 0), "CTCVR of moderate logits is more than 0"


@pytest.mark.properties(spec="L2", hint=1)
@given(unclicked_first)
def test_an_unclicked_impression_teaches_the_cvr_tower(log: Log) -> None:
    """Where nobody clicked, the loss still has a gradient in the CVR logit: p q (1 - q) / (1 - p q) / N."""
    # The first impression is the unclicked one; the slope between two calls, 0.001 to each side of its CVR logit.
    step = np.zeros_like(log.cvr_logit)
    step[0] = 1e-3
    rise = esmm_loss(*log._replace(cvr_logit=log.cvr_logit + step))
    fall = esmm_loss(*log._replace(cvr_logit=log.cvr_logit - step))
    p, q = sigmoid(log.ctr_logit[0]), sigmoid(log.cvr_logit[0])
    assert (rise - fall) / 2e-3 == pytest.approx(p * q * (1 - q) / (1 - p * q) / len(log.click), abs=1e-6)


@pytest.mark.properties(spec="L1", hint=1)
@given(logs)
def test_cvr_has_no_loss_of_its_own(log: Log) -> None:
    """If every click is sure to convert, CTCVR is CTR, and the loss scores CTR twice: against click and purchase."""
    certain = log._replace(cvr_logit=np.full_like(log.cvr_logit, 40.0))
    p = [sigmoid(x) for x in log.ctr_logit]
    scored = [*zip(log.click, p, strict=True), *zip(log.conversion, p, strict=True)]
    expected = -math.fsum(math.log(chance if happened else 1 - chance) for happened, chance in scored) / len(p)
    assert esmm_loss(*certain) == pytest.approx(expected)


@pytest.mark.properties(spec="L2", hint=1)
@given(shuffled_logs)
def test_a_log_read_twice_has_the_same_loss(log_and_shuffled: tuple[Log, Log]) -> None:
    """The loss is a mean over impressions: reading the log twice, the second time in another order, changes nothing."""
    log, shuffled = log_and_shuffled
    once = esmm_loss(*log)
    twice = esmm_loss(*(np.concatenate(columns) for columns in zip(log, shuffled, strict=True)))
    assert once > 0, "the loss of moderate logits is more than 0"
    assert twice == pytest.approx(once), "a log read twice has the loss of the log"


@pytest.mark.oracle(spec="L1 L2", hint=2)
@given(logs)
def test_agrees_with_the_formula(log: Log) -> None:
    """For moderate logits the loss is the formula of the statement, computed impression by impression."""
    total = 0.0
    for a, b, click, conversion in zip(*log, strict=True):
        p, q = sigmoid(a), sigmoid(b)
        total -= math.log(p) if click else math.log(1 - p)
        total -= math.log(p * q) if conversion else math.log(1 - p * q)
    assert esmm_loss(*log) == pytest.approx(total / len(log.click))


@pytest.mark.oracle(spec="L3", hint=3)
@given(far_logs)
def test_loses_no_digits_up_to_800(log: Log) -> None:
    """For logits as far as 800 from zero the loss is the formula of the statement in 400-digit arithmetic."""
    expected = sum(map(exact_loss, *(column.tolist() for column in log))) / len(log.click)
    assert esmm_loss(*log) == pytest.approx(float(expected), rel=1e-9, abs=1e-9)


@cache
def exact_loss(ctr_logit: float, cvr_logit: float, click: int, conversion: int) -> Decimal:
    """One impression's loss. 1 - pq is as small as 2e-348, hence the digits."""
    with localcontext() as context:
        context.prec = 400
        p, q = (1 / (1 + Decimal(-x).exp()) for x in (ctr_logit, cvr_logit))
        return -(p if click else 1 - p).ln() - (p * q if conversion else 1 - p * q).ln()


@pytest.mark.data(spec="L1", hint=1)
def test_the_true_probabilities_have_the_least_loss() -> None:
    """On 20,000 generated impressions no shift of the true CVR logits, by 1 or 2 up or down, lowers the loss."""
    rng = np.random.default_rng(2018)
    taste, price = rng.normal(size=(2, 20_000))
    ctr_logit, cvr_logit = -1.0 + taste, -0.5 + 0.5 * taste - price
    click = rng.random(taste.size) < 1 / (1 + np.exp(-ctr_logit))
    conversion = click & (rng.random(taste.size) < 1 / (1 + np.exp(-cvr_logit)))
    labels = click.astype(np.int64), conversion.astype(np.int64)
    losses = {shift: esmm_loss(ctr_logit, cvr_logit + shift, *labels) for shift in (-2, -1, 0, 1, 2)}
    assert min(losses, key=lambda shift: losses[shift]) == 0


# --- The model -------------------------------------------------------------------------------------------------------

N_FEATURES, SHARED, TOWER = 5, (6, 4), (3, 4)


BOTTOM_PARAMETERS = dense_parameters(N_FEATURES, *SHARED)
TOWER_PARAMETERS = dense_parameters(SHARED[-1], *TOWER, 1)


@pytest.fixture(scope="module")
def model() -> checking.Model:
    """The learner's model with two hidden layers everywhere, rebuilt once."""
    return rebuilt(build_esmm(N_FEATURES, SHARED, TOWER))


def rebuilt(model: object) -> checking.Model:
    """A model as a fact."""
    assert hasattr(model, "get_weights"), "`build_esmm` returns a Keras model"
    return checking.rebuilt(model)


def fan_in(weight: checking.Array) -> int:
    """How many inputs a unit has."""
    return int(weight.shape[0]) if weight.ndim else 1


class Reach(NamedTuple):
    """What follows when one weight tensor changes."""

    parameters: int
    moves_ctr: bool
    moves_cvr: bool


@pytest.fixture(scope="module")
def reaches(model: checking.Model) -> list[Reach]:
    """For every weight tensor, which probabilities it moves.

    Inputs and weights are positive, so every ReLU is open, and enlarging a weight enlarges every logit above it:
    nothing is left to luck. CVR, which isn't an output, is CTCVR / CTR; it stays when the cross products agree.
    """
    rng = np.random.default_rng(1804)
    inputs = rng.uniform(0.5, 1.5, (8, N_FEATURES)).astype(np.float32)
    weights = [np.asarray(rng.uniform(0.5, 1.5, weight.shape)) / fan_in(weight) for weight in model.weights()]
    before = model.predict(inputs, weights)
    shapes = {name: values.shape for name, values in before.items() if name in ("ctr", "ctcvr")}
    assert shapes == {"ctr": (8, 1), "ctcvr": (8, 1)}
    found = []
    for i, weight in enumerate(weights):
        larger = weight * rng.uniform(1.5, 2.0, weight.shape)
        after = model.predict(inputs, [*weights[:i], larger, *weights[i + 1 :]])
        cvr_change = after["ctcvr"] * before["ctr"] - before["ctcvr"] * after["ctr"]
        ctr_change = after["ctr"] - before["ctr"]
        found.append(Reach(weight.size, np.max(np.abs(ctr_change)) > 1e-5, np.max(np.abs(cvr_change)) > 1e-5))
    return found


def random_weights(model: checking.Model, n_draws: int) -> Iterator[list[checking.Array]]:
    """Weights of both signs in place of the initial ones, whose biases are all zero."""
    for seed in range(n_draws):
        rng = np.random.default_rng(seed)
        yield [np.sqrt(2 / fan_in(w)) * rng.standard_normal(w.shape) for w in model.weights()]


@pytest.mark.interface(spec="B1")
def test_the_model_has_two_outputs(model: checking.Model) -> None:
    """The model takes (batch, n_features) and has the outputs ctr and ctcvr, each of shape (batch, 1)."""
    answer = model.predict(np.zeros((3, N_FEATURES), np.float32))
    assert {name: values.shape for name, values in answer.items()} == {"ctr": (3, 1), "ctcvr": (3, 1)}


@pytest.mark.examples(spec="B2 B3", hint=1)
def test_a_model_of_averages(model: checking.Model) -> None:
    """If every unit averages what it reads, CTR is the sigmoid of max(0, mean feature), and CTCVR is its square."""
    # Kernels of 1 / (number of inputs) and no biases: a row's mean goes up through every layer, unless it is negative
    # and a ReLU stops it.
    averages = [np.full(w.shape, 1 / fan_in(w) if w.ndim == 2 else 0.0) for w in model.weights()]
    inputs = np.array([[1, 2, 3, 0, 4], [-1, 0, 1, 2, 3], [-1, -2, -3, 0, 1]], np.float32)
    ctr = np.array([[sigmoid(2)], [sigmoid(1)], [1 / 2]])
    answer = model.predict(inputs, averages)
    assert answer["ctr"] == pytest.approx(ctr, abs=1e-4)
    assert answer["ctcvr"] == pytest.approx(ctr**2, abs=1e-4)


@pytest.mark.examples(spec="B2", hint=1)
def test_number_of_parameters(model: checking.Model) -> None:
    """The model has the parameters of one bottom and two towers, for sizes asked for and for the default ones."""
    by_default = rebuilt(build_esmm(7))
    assert sum(w.size for w in by_default.weights()) == dense_parameters(7, 16) + 2 * dense_parameters(16, 8, 1)
    assert sum(w.size for w in model.weights()) == BOTTOM_PARAMETERS + 2 * TOWER_PARAMETERS


@pytest.mark.properties(spec="B3", hint=1)
def test_the_model_never_has_more_buyers_than_clicks(model: checking.Model) -> None:
    """Whatever the weights, 0 <= CTCVR <= CTR <= 1, and an impression scored alone gets what it gets in a batch."""
    inputs = np.random.default_rng(7).normal(size=(64, N_FEATURES)).astype(np.float32)
    for weights in random_weights(model, n_draws=5):
        batch = model.predict(inputs, weights)
        ctr, ctcvr = batch["ctr"], batch["ctcvr"]
        assert np.all((ctcvr >= 0) & (ctcvr <= ctr + 1e-6) & (ctr <= 1)), "0 <= CTCVR <= CTR <= 1"
        alone = model.predict(inputs[:1], weights)
        assert alone["ctcvr"] == pytest.approx(ctcvr[:1], abs=1e-5)


@pytest.mark.properties(spec="B4", hint=1)
def test_the_bottom_feeds_both_towers(reaches: list[Reach]) -> None:
    """The weights that move both CTR and CVR are the shared bottom's: as many parameters, no fewer and no more."""
    assert sum(reach.parameters for reach in reaches if reach.moves_ctr and reach.moves_cvr) == BOTTOM_PARAMETERS


@pytest.mark.properties(spec="B4", hint=1)
def test_a_tower_moves_only_its_own_probability(reaches: list[Reach]) -> None:
    """One tower's parameters move CTR and never CVR, and as many, the other's, move CVR and never CTR."""
    only_ctr = sum(reach.parameters for reach in reaches if reach.moves_ctr and not reach.moves_cvr)
    only_cvr = sum(reach.parameters for reach in reaches if reach.moves_cvr and not reach.moves_ctr)
    assert (only_ctr, only_cvr) == (TOWER_PARAMETERS, TOWER_PARAMETERS)
