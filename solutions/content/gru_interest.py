"""A recurrent encoder of a shopper's interest (GRU): the reference."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def gru_forward(x: np.ndarray, h0: np.ndarray, params: dict[str, np.ndarray]) -> np.ndarray:
    """The states (T, h) after each row of x (T, d), from h0 (h,): Cho et al. 2014, with the reset gate after R."""
    drive = _drive(x, params)
    n_units = len(params["recurrent"])
    if h0.shape != (n_units,):
        raise ValueError(f"h0 is ({n_units},), not {h0.shape}")
    states = np.empty((len(x), n_units))
    state = h0
    for t, a in enumerate(drive):
        state = states[t] = _step(a, state, params)
    return states


def encode_histories(
    histories: list[list[int]], emb: np.ndarray, params: dict[str, np.ndarray], max_len: int
) -> np.ndarray:
    """The last states (B, h). All histories take a step together; one that has ended keeps its state: no padding."""
    if max_len < 0:
        raise ValueError(f"max_len counts items: 0 or more, not {max_len}")
    if any(not 0 <= item < len(emb) for history in histories for item in history):
        raise ValueError(f"an id lies outside 0 to {len(emb) - 1}")
    drive = _drive(emb, params)  # (I, 3h): an item's share of the gates is the same wherever it is met

    recent = [history[max(len(history) - max_len, 0) :] for history in histories]
    longest_first = sorted(range(len(recent)), key=lambda b: -len(recent[b]))
    states = np.zeros((len(recent), len(params["recurrent"])))
    for t in range(max(map(len, recent), default=0)):
        items = [recent[b][t] for b in longest_first if t < len(recent[b])]
        running = longest_first[: len(items)]
        states[running] = _step(drive[items], states[running], params)
    return states


def score_items(users: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Dot products (B, I) of users (B, h) and items (I, h)."""
    if users.ndim != 2 or items.ndim != 2:
        raise ValueError(f"users and items are matrices, not {users.shape} and {items.shape}")
    scores: Floats = users @ items.T  # which raises ValueError for different widths
    return scores


def _drive(x: np.ndarray, params: dict[str, np.ndarray]) -> Floats:
    """The inputs' share of the gates, (T, 3h), which no state enters: one product for all steps."""
    kernel, recurrent, bias = params["kernel"], params["recurrent"], params["bias"]
    n_units = len(recurrent)
    if x.ndim != 2 or kernel.shape != (x.shape[1], 3 * n_units):
        raise ValueError(f"inputs {x.shape} don't fit a kernel {kernel.shape} of {n_units} units")
    if recurrent.shape != (n_units, 3 * n_units) or bias.shape != (2, 3 * n_units):
        raise ValueError(f"{n_units} units don't fit a recurrent kernel {recurrent.shape} or a bias {bias.shape}")
    drive: Floats = x @ kernel + bias[0]
    return drive


def _step(drive: Floats, state: Floats, params: dict[str, np.ndarray]) -> Floats:
    """One step of a state (h,), or of a batch of them (B, h); `drive` is as long and 3h wide."""
    a_z, a_r, a_n = np.split(drive, 3, axis=-1)
    c_z, c_r, c_n = np.split(state @ params["recurrent"] + params["bias"][1], 3, axis=-1)
    keep, reset = _sigmoid(a_z + c_z), _sigmoid(a_r + c_r)
    candidate = np.tanh(a_n + reset * c_n)
    new: Floats = keep * state + (1 - keep) * candidate
    return new


def _sigmoid(v: Floats) -> Floats:
    """1 / (1 + e^-v), without an exponential that could overflow."""
    answer: Floats = (1 + np.tanh(v / 2)) / 2
    return answer
