"""Hidden checks of content/gru_interest.

The weights of the examples are logarithms, which make every gate and every candidate a simple fraction: the sigmoid of
ln 3 is 3/4, tanh(ln 2) is 3/5, tanh(ln 3) is 4/5. Elsewhere they are drawn from a grid and held against a GRU of one
unit at a time in plain Python; the reference agrees with keras.layers.GRU to float32.
"""

import math
from typing import NamedTuple

import numpy as np
import pytest
from gru_interest import encode_histories, gru_forward, score_items
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from grader import checking

Floats = NDArray[np.float64]
Params = dict[str, Floats]

LN2, LN3 = math.log(2), math.log(3)


class Run(NamedTuple):
    """The arguments of `gru_forward`."""

    x: Floats
    h0: Floats
    params: Params


class Batch(NamedTuple):
    """The arguments of `encode_histories`."""

    histories: list[list[int]]
    emb: Floats
    params: Params
    max_len: int


def weights(kernel: object, recurrent: object, bias: object) -> Params:
    """Three arrays, by name."""
    return {
        "kernel": np.array(kernel, float),
        "recurrent": np.array(recurrent, float),
        "bias": np.array(bias, float),
    }


def about(expected: object) -> object:
    """The expected value, up to the rounding of float64."""
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


# Two units, three inputs; the blocks are z, r, n. Unit 0 reads unit 1 and unit 1 reads unit 0.
# x_0 sets z, x_1 sets r, x_2 is spare; the candidate's recurrent half has a bias.
FRACTIONS = weights(
    [[LN3, -LN2, 0, 0, 0, 0], [0, 0, -LN2, LN3, 0, 0], [0, 0, 0, 0, LN2, 0]],
    [[0, 0, 0, 0, 0, LN3], [0, 0, 0, 0, 6 * LN2, 0]],
    [[0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, LN3]],
)
FRACTIONS_X = np.array([[1.0, 1.0, 0.0]])
# Unit 0: z 3/4, r 1/3, n tanh(1/3 * 6 ln 2 * h_1). Unit 1: z 1/3, r 3/4, n tanh(3/4 (ln 3 * h_0 + ln 3)).
FRACTIONS_H0 = np.array([1 / 3, 1 / 2])  # n_0 tanh(ln 2) = 3/5, n_1 tanh(ln 3) = 4/5
FRACTIONS_H1 = np.array([3 / 4 * 1 / 3 + 1 / 4 * 3 / 5, 1 / 3 * 1 / 2 + 2 / 3 * 4 / 5])

# One unit with z = 1/2: a step is the mean of the state and tanh(x).
AVERAGE = weights([[0, 0, 1]], [[0, 0, 0]], np.zeros((2, 3)))
ITEMS = np.array([[LN2], [LN3], [-LN2], [0.0]])  # candidates 3/5, 4/5, -3/5, 0

# As AVERAGE, with biases: a step without an input would end at 1/2 tanh(ln 2 + 1/2 * 2 ln 2) = 15/34.
RESTLESS = weights([[0, 0, 1]], [[0, 0, 0]], [[0, 0, LN2], [0, 0, 2 * LN2]])


def grid(*shape: int, most: int = 16) -> st.SearchStrategy[Floats]:
    """Arrays of eighths between -most / 8 and most / 8, of which no two neighbours need be equal."""
    size = math.prod(shape)
    cells = st.lists(st.integers(-most, most), min_size=size, max_size=size)
    return cells.map(lambda eighths: np.array(eighths, float).reshape(shape) / 8)


@st.composite
def params_of(draw: st.DrawFn, n_inputs: int, n_units: int) -> Params:
    """Weights whose recurrent half of a candidate is never 0, and, thirds being no eighths, never cancels the other."""
    recurrent = draw(grid(n_units, 3 * n_units))
    bias = draw(grid(2, 3 * n_units))
    recurrent[:, -n_units:] += 1.5 * np.eye(n_units)
    bias[1, -n_units:] += 4 / 3
    return weights(draw(grid(n_inputs, 3 * n_units)), recurrent, bias)


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """One to four steps of a small GRU, from any state."""
    n_inputs, n_units, n_steps = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 4))
    h0 = draw(grid(n_units)) + 1 / 16  # nowhere 0
    return Run(draw(grid(n_steps, n_inputs)), h0, draw(params_of(n_inputs, n_units)))


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """One to four histories of up to five of four items, cut at 1 to 5."""
    n_inputs, n_units = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    histories = draw(st.lists(st.lists(st.integers(0, 3), max_size=5), min_size=1, max_size=4))
    return Batch(histories, draw(grid(4, n_inputs)), draw(params_of(n_inputs, n_units)), draw(st.integers(1, 5)))


@st.composite
def older_pasts(draw: st.DrawFn) -> tuple[Batch, Batch]:
    """A batch of histories as long as `max_len`, and the same with other items before."""
    batch = draw(batches())
    recent = st.lists(st.integers(0, 3), min_size=batch.max_len, max_size=batch.max_len)
    histories = draw(st.lists(recent, min_size=1, max_size=3))
    longer = [draw(st.lists(st.integers(0, 3), min_size=1, max_size=3)) + history for history in histories]
    return batch._replace(histories=histories), batch._replace(histories=longer)


@st.composite
def matrices(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """Users and items of the same width."""
    width = draw(st.integers(1, 3))
    return draw(grid(draw(st.integers(1, 4)), width)), draw(grid(draw(st.integers(1, 4)), width))


def _sigmoid(v: float) -> float:
    return 1 / (1 + math.exp(-v))


def _states(x: Floats, h0: Floats, params: Params) -> Floats:
    """By the definition, one unit at a time."""
    kernel, recurrent, bias = params["kernel"], params["recurrent"], params["bias"]
    n_units = len(h0)
    state, states = h0.tolist(), []
    for row in x:
        a = [math.fsum(row * kernel[:, j]) + bias[0, j] for j in range(3 * n_units)]
        c = [math.fsum(np.array(state) * recurrent[:, j]) + bias[1, j] for j in range(3 * n_units)]
        keep = [_sigmoid(a[j] + c[j]) for j in range(n_units)]
        reset = [_sigmoid(a[n_units + j] + c[n_units + j]) for j in range(n_units)]
        new = [math.tanh(a[2 * n_units + j] + reset[j] * c[2 * n_units + j]) for j in range(n_units)]
        state = [keep[j] * state[j] + (1 - keep[j]) * new[j] for j in range(n_units)]
        states.append(state)
    return np.array(states).reshape(len(x), n_units)


def _encoded(batch: Batch) -> Floats:
    """By the definition, one history at a time."""
    n_units = len(batch.params["recurrent"])
    nothing = np.zeros((1, n_units))
    pasts = [history[max(len(history) - batch.max_len, 0) :] for history in batch.histories]
    return np.array([[*nothing, *_states(batch.emb[past], nothing[0], batch.params)][-1] for past in pasts])


def _by_length(histories: list[list[int]], emb: Floats, params: Params, max_len: int) -> Floats:
    """The slowest encoder that we accept: the histories of one length together, one length after another."""
    users = np.zeros((len(histories), len(params["recurrent"])))
    pasts = [history[-max_len:] for history in histories]
    for length in {len(past) for past in pasts} - {0}:
        rows = [row for row, past in enumerate(pasts) if len(past) == length]
        state = users[rows]
        for ids in np.array([pasts[row] for row in rows]).T:
            a_z, a_r, a_n = np.split(emb[ids] @ params["kernel"] + params["bias"][0], 3, axis=1)
            c_z, c_r, c_n = np.split(state @ params["recurrent"] + params["bias"][1], 3, axis=1)
            keep = 1 / (1 + np.exp(-a_z - c_z))
            state = keep * state + (1 - keep) * np.tanh(a_n + c_n / (1 + np.exp(-a_r - c_r)))
        users[rows] = state
    return users


@pytest.mark.interface(spec="G1 F3", hint=1)
def test_answers_are_arrays_of_float64() -> None:
    """All three functions give float64 arrays: one state a step, one row a shopper, one score a pair."""
    answers = {
        "states": gru_forward(np.zeros((4, 3)), FRACTIONS_H0, FRACTIONS),
        "users": encode_histories([[0], [1, 2], [3]], ITEMS, AVERAGE, 2),
        "scores": score_items(np.zeros((2, 3)), np.ones((5, 3))),
    }
    found = {name: (str(np.asarray(answer).dtype), np.shape(answer)) for name, answer in answers.items()}
    assert found == {"states": ("float64", (4, 2)), "users": ("float64", (3, 1)), "scores": ("float64", (2, 5))}


@pytest.mark.interface(spec="G1", hint=1)
def test_arguments_are_left_alone() -> None:
    """No argument is changed: the same question, asked again with the same objects, has the same answer."""
    x, h0 = checking.resident(FRACTIONS_X.copy()), checking.resident(FRACTIONS_H0.copy())
    params = checking.resident({name: values.copy() for name, values in FRACTIONS.items()})
    histories, emb = checking.resident([[0, 1, 2], [1]]), checking.resident(np.eye(3))
    first = gru_forward(x, h0, params), encode_histories(histories, emb, params, 2)
    second = gru_forward(x, h0, params), encode_histories(histories, emb, params, 2)
    assert np.any(np.asarray(first[0])), "the state after an input isn't 0"
    assert second[0] == about(np.asarray(first[0])), "`gru_forward` a second time gives the same"
    assert second[1] == about(np.asarray(first[1])), "`encode_histories` a second time gives the same"


@pytest.mark.examples(spec="F1 F2", hint=1)
def test_one_step() -> None:
    """A step keeps the share z of the old state and takes 1 - z of the candidate, blocks in the order z, r, n."""
    assert gru_forward(FRACTIONS_X, FRACTIONS_H0, FRACTIONS) == about(FRACTIONS_H1.reshape(1, 2))


@pytest.mark.examples(spec="F2", hint=1)
def test_reset_comes_after_the_recurrent_product() -> None:
    """The reset gate scales the candidate's recurrent half as a whole, its bias included, after the product with R."""
    # r is 1/3 and 3/4; the halves are 1/2 * 6 ln 2 = 3 ln 2, and (1/3 + 1) ln 3: candidates 3/5 and 4/5. z is 1/2.
    gates = FRACTIONS | {"kernel": FRACTIONS["kernel"] * np.array([0, 0, 1, 1, 1, 1])}
    expected = np.array([[(1 / 3 + 3 / 5) / 2, (1 / 2 + 4 / 5) / 2]])
    assert gru_forward(FRACTIONS_X, FRACTIONS_H0, gates) == about(expected)


@pytest.mark.examples(spec="F1 F3", hint=1)
def test_every_state_is_returned() -> None:
    """Row t is the state after input t, each built on the one before."""
    # From 2/5 half way to 3/5, 4/5, -3/5.
    states = gru_forward(ITEMS[:3], np.array([2 / 5]), AVERAGE)
    assert states == about(np.array([[1 / 2], [13 / 20], [1 / 40]]))


@pytest.mark.examples(spec="E1", hint=3)
def test_the_last_items_are_read() -> None:
    """A shopper is the last state over their last `max_len` items, oldest first; the end of a list is the latest."""
    # Items 0, 1, 2 end at 1/2 (1/2 (1/2 * 3/5 + 4/5) - 3/5); 1, 2 at 1/2 (1/2 * 4/5 - 3/5).
    histories = [[2, 0, 1, 2], [3, 3, 1, 2, 1], [1, 2], [0]]
    three = np.array([[-1 / 40], [7 / 20], [-1 / 10], [3 / 10]])
    two = np.array([[-1 / 10], [1 / 4], [-1 / 10], [3 / 10]])
    assert encode_histories(histories, ITEMS, AVERAGE, 3) == about(three)
    assert encode_histories(histories, ITEMS, AVERAGE, 2) == about(two)


@pytest.mark.examples(spec="S1", hint=1)
def test_scores_are_dot_products() -> None:
    """A score is the dot product of a shopper's and an item's vector, whatever their lengths."""
    users, items = np.array([[3.0, 4.0], [-1.0, 0.5]]), np.array([[1.0, 2.0], [2.0, 4.0], [0.0, -3.0]])
    assert score_items(users, items) == about(np.array([[11.0, 22.0, -12.0], [0.0, 0.0, -1.5]]))


@pytest.mark.edges(spec="E2", hint=2)
def test_an_empty_history_is_zeros() -> None:
    """A shopper without a history gets zeros, whatever the biases, next to shoppers who have one."""
    batch = Batch([[], [3], [], [3, 0]], ITEMS, RESTLESS, 4)
    expected = _encoded(batch)
    assert encode_histories(*batch) == about(expected)


@pytest.mark.edges(spec="E2", hint=3)
def test_max_len_of_zero_reads_nothing() -> None:
    """With `max_len` = 1 the latest item is read; with 0 none is, and every shopper gets zeros."""
    assert encode_histories([[1, 0], [1]], ITEMS, AVERAGE, 1) == about(np.array([[3 / 10], [2 / 5]]))
    assert encode_histories([[1, 0], [1]], ITEMS, AVERAGE, 0) == about(np.zeros((2, 1)))


@pytest.mark.edges(spec="F3 E2 S1", hint=1)
def test_nothing_keeps_its_shape() -> None:
    """No steps, no shoppers or no items: an empty array that still has the right width."""
    assert np.shape(gru_forward(np.zeros((0, 3)), FRACTIONS_H0, FRACTIONS)) == (0, 2)
    assert np.shape(encode_histories([], np.eye(3), FRACTIONS, 5)) == (0, 2)
    assert np.shape(encode_histories([[], []], np.eye(3), FRACTIONS, 5)) == (2, 2)
    assert np.shape(score_items(np.zeros((0, 2)), np.zeros((4, 2)))) == (0, 4)
    assert np.shape(score_items(np.zeros((3, 2)), np.zeros((0, 2)))) == (3, 0)


@pytest.mark.edges(spec="E4", hint=2)
def test_unknown_items_are_refused() -> None:
    """An id below 0 or beyond the last item raises ValueError, also one too old to be read, and so does max_len < 0."""
    for histories in ([[0], [1, -1]], [[4]], [[-1, 0, 1]], [[4, 0, 1]]):
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            encode_histories(histories, ITEMS, AVERAGE, 2)
    with pytest.raises(ValueError):  # noqa: PT011
        encode_histories([[0]], ITEMS, AVERAGE, -1)


@pytest.mark.edges(spec="F5 S2", hint=2)
def test_shapes_that_do_not_fit_are_refused() -> None:
    """A weight, an input or a state of another shape raises ValueError, also where numpy could stretch it."""
    right = Run(FRACTIONS_X, FRACTIONS_H0, FRACTIONS)
    for run in (
        right._replace(x=FRACTIONS_X[0]),
        right._replace(x=FRACTIONS_X[:, :2]),
        right._replace(h0=FRACTIONS_H0.reshape(1, 2)),
        right._replace(h0=FRACTIONS_H0[:1]),
        right._replace(params=FRACTIONS | {"kernel": FRACTIONS["kernel"][:, :3]}),
        right._replace(params=FRACTIONS | {"recurrent": FRACTIONS["recurrent"][:, :3]}),
        right._replace(params=FRACTIONS | {"bias": FRACTIONS["bias"][0]}),
        right._replace(params=FRACTIONS | {"bias": FRACTIONS["bias"][:, :1]}),
        right._replace(params=FRACTIONS | {"bias": np.zeros((3, 6))}),
    ):
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            gru_forward(*run)
    for users, items in ((np.ones(2), np.ones((3, 2))), (np.ones((3, 2)), np.ones(2)), (np.ones((3, 2)), np.eye(3))):
        with pytest.raises(ValueError):  # noqa: PT011
            score_items(users, items)


@pytest.mark.edges(spec="F4", hint=3)
def test_gates_far_from_zero() -> None:
    """Gates and candidates as far as 800 from zero open and shut entirely, and no state is ever NaN."""
    # z opens at 800 and shuts at -800; then r does, with 1/2 tanh(r * ln 3) from a state of 0.
    update = weights([[1, 0, 0]], [[0, 0, 0]], [[0, 0, LN3], [0, 0, 0]])
    assert gru_forward(np.array([[800.0], [-800.0], [750.0]]), np.array([1 / 3]), update) == about(
        np.array([[1 / 3], [4 / 5], [4 / 5]])
    )
    reset = weights([[0, 1, 0]], [[0, 0, 0]], [[0, 0, 0], [0, 0, LN3]])
    assert gru_forward(np.array([[800.0], [-800.0]]), np.zeros(1), reset) == about(np.array([[2 / 5], [1 / 5]]))
    candidate = gru_forward(np.array([[800.0], [-800.0]]), np.zeros(1), AVERAGE)
    assert candidate == about(np.array([[1 / 2], [-1 / 4]]))


@pytest.mark.properties(spec="F2", hint=1)
@given(runs())
def test_an_open_update_gate_keeps_the_state(run: Run) -> None:
    """If z is 1 in all units, no input changes the state."""
    bias = run.params["bias"].copy()
    bias[0, : len(run.h0)] += 100.0
    states = gru_forward(run.x, run.h0, run.params | {"bias": bias})
    assert states == about(np.tile(run.h0, (len(run.x), 1)))


@pytest.mark.properties(spec="F2", hint=2)
@given(runs())
def test_shut_gates_forget_the_state(run: Run) -> None:
    """If z and r are 0 in all units, a state is tanh of the input's half, without past or second bias."""
    bias, n_units = run.params["bias"].copy(), len(run.h0)
    bias[0, : 2 * n_units] -= 100.0
    expected = np.tanh(run.x @ run.params["kernel"] + bias[0])[:, 2 * n_units :]
    assert gru_forward(run.x, run.h0, run.params | {"bias": bias}) == about(expected)


@pytest.mark.properties(spec="F3", hint=1)
@given(runs())
def test_a_run_can_be_taken_up_again(run: Run) -> None:
    """Going on from the state after the first input gives what the whole run gives."""
    whole = np.asarray(gru_forward(*run))
    assert np.any(whole), "not every state is 0"
    first = np.asarray(gru_forward(run.x[:1], run.h0, run.params))
    rest = gru_forward(run.x[1:], first[-1], run.params)
    assert first == about(whole[:1])
    assert rest == about(whole[1:])


@pytest.mark.properties(spec="E3", hint=2)
@given(batches())
def test_other_shoppers_do_not_matter(batch: Batch) -> None:
    """A shopper alone gets the vector that they get in a batch."""
    together = np.asarray(encode_histories(*batch))
    for row, history in zip(together, batch.histories, strict=True):
        assert np.any(row) == bool(history), f"who read {history} is at 0 only if that is nothing"
        assert encode_histories([history], *batch[1:]) == about(row.reshape(1, -1)), f"the shopper who read {history}"


@pytest.mark.properties(spec="E1", hint=3)
@given(older_pasts())
def test_what_is_too_old_does_not_matter(pair: tuple[Batch, Batch]) -> None:
    """Items before the last `max_len` change nothing."""
    recent, longer = pair
    expected = np.asarray(encode_histories(*recent))
    assert np.any(expected), "who has read something isn't at 0"
    assert encode_histories(*longer) == about(expected)


@pytest.mark.oracle(spec="F1 F2 F3", hint=2)
@given(runs())
def test_states_agree_with_a_slow_definition(run: Run) -> None:
    """The states are those computed one unit at a time, by the formulas of the statement."""
    assert gru_forward(*run) == about(_states(*run))


@pytest.mark.oracle(spec="E1 E2 E3", hint=2)
@given(batches())
def test_shoppers_agree_with_a_slow_definition(batch: Batch) -> None:
    """The shoppers' vectors are those computed one history and one unit at a time."""
    assert encode_histories(*batch) == about(_encoded(batch))


@pytest.mark.oracle(spec="S1", hint=1)
@given(matrices())
def test_scores_agree_with_a_slow_definition(pair: tuple[Floats, Floats]) -> None:
    """Every score is the sum of the products of two vectors' entries."""
    users, items = pair
    expected = np.array([[math.fsum(user * item) for item in items] for user in users])
    assert score_items(users, items) == about(expected)


@pytest.mark.speed(spec="E5", hint=3, seconds=20)
def test_shoppers_take_their_steps_together() -> None:
    """2,000 histories take at most 5 times the CPU time of encoding one length at a time, plus 50 ms."""
    bar = mine = math.inf
    for seed in range(3):
        rng = np.random.default_rng(seed)
        histories = [rng.integers(0, 500, length).tolist() for length in rng.integers(0, 21, 2000)]
        params = weights(rng.normal(size=(8, 24)), rng.normal(size=(8, 24)) / 3, rng.normal(size=(2, 24)))
        batch = Batch(histories, rng.normal(size=(500, 8)), params, 20)
        slow, found = checking.timed(_by_length, *batch), checking.timed(encode_histories, *batch)
        bar, mine = min(bar, slow.seconds), min(mine, found.seconds)
        right = np.shape(found.answer) == (2000, 8) and np.allclose(found.answer, slow.answer, rtol=1e-6)
        assert right, "the vectors of 2,000 shoppers are those of the definition"
        if mine <= 5 * bar + 0.05:
            return
    pytest.fail(f"{mine:.2f} s of CPU; one length at a time takes {bar:.2f} s")
