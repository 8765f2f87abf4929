"""In-batch softmax with sampling-bias correction, for two towers: the reference."""

import math

import numpy as np
from numpy.typing import NDArray


def inbatch_softmax_loss(
    user_emb: np.ndarray,
    item_emb: np.ndarray,
    item_ids: np.ndarray,
    log_q: np.ndarray,
    temperature: float = 0.05,
    mask_accidental_hits: bool = True,
) -> float:
    """Mean over the batch of -ln softmax_i(u_i·v_j / temperature - log_q_j) (Yi et al. 2019, section 3)."""
    users, items, correction = (np.asarray(array, dtype=np.float64) for array in (user_emb, item_emb, log_q))
    _require_pairs(users, items, item_ids, correction)
    if not 0 < temperature < math.inf:
        raise ValueError(f"a temperature is above 0 and finite, not {temperature}")

    logits = users @ items.T / temperature - correction  # (B, B): a row for each user, a column for each item
    own = logits.diagonal().copy()
    if mask_accidental_hits:
        logits[item_ids[:, np.newaxis] == item_ids] = -np.inf
        np.fill_diagonal(logits, own)
    # logaddexp works with the larger of two exponents taken out, so nothing overflows, and -inf adds nothing.
    return float(np.mean(np.logaddexp.reduce(logits, axis=1) - own))


class StreamingFrequency:
    """How often a batch holds an item, from the gaps between its appearances (Yi et al. 2019, algorithm 2)."""

    def __init__(self, alpha: float = 0.05, initial_interval: float = 100.0) -> None:
        """Start without items."""
        if not 0 < alpha <= 1:
            raise ValueError(f"alpha is the weight of the newest gap, above 0 and at most 1, not {alpha}")
        if not 1 <= initial_interval < math.inf:
            raise ValueError(f"an interval is 1 step or more, and finite, not {initial_interval}")
        self._alpha, self._initial_interval = alpha, initial_interval
        self._intervals: dict[int, float] = {}
        self._last_steps: dict[int, int] = {}
        self._step = -1

    def update(self, ids: list[int], step: int) -> None:
        """Move the interval of each item that was seen before towards its newest gap."""
        if step <= self._step:
            raise ValueError(f"step {step} isn't later than {self._step}")
        self._step = step
        for item in set(ids):
            if item in self._last_steps:
                gap, interval = step - self._last_steps[item], self._intervals.get(item, self._initial_interval)
                self._intervals[item] = (1 - self._alpha) * interval + self._alpha * gap
            self._last_steps[item] = step

    def prob(self, item_id: int) -> float:
        """One over the interval; over the initial one for an item that has no gap yet."""
        return 1 / self._intervals.get(item_id, self._initial_interval)


def _require_pairs(
    users: NDArray[np.float64], items: NDArray[np.float64], item_ids: np.ndarray, log_q: NDArray[np.float64]
) -> None:
    """Raises ValueError unless the arrays are B pairs of finite vectors of one length, B ids and B logarithms."""
    if users.ndim != 2 or not users.size or items.shape != users.shape:
        raise ValueError(f"two arrays of one shape (B, d) without a zero in it, not {users.shape} and {items.shape}")
    if not item_ids.shape == log_q.shape == users.shape[:1]:
        raise ValueError(f"an id and a log_q for each of {len(users)} pairs, not {item_ids.shape} and {log_q.shape}")
    if not all(np.isfinite(array).all() for array in (users, items, log_q)):
        raise ValueError("a vector or a log_q with NaN or infinity in it")
