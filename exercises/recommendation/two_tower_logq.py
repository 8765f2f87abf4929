"""In-batch softmax with sampling-bias correction, for two towers. The task: two_tower_logq.md.

You may import the standard library and numpy; no other library, such as pandas, scipy, sklearn or keras.
"""

import numpy as np


def inbatch_softmax_loss(
    user_emb: np.ndarray,
    item_emb: np.ndarray,
    item_ids: np.ndarray,
    log_q: np.ndarray,
    temperature: float = 0.05,
    mask_accidental_hits: bool = True,
) -> float:
    """Mean loss of B positive pairs, in nats; the items of the other pairs are a user's negatives.

    `user_emb` and `item_emb` are (B, d), of any integer or float type; `item_ids` is (B,), integers; `log_q` is (B,),
    ln of how probable each item of the batch is in a batch. Raises ValueError for other shapes, no pairs, a value that
    isn't finite, or a temperature that isn't above 0.

    >>> users, items = np.array([[2.0, 0.0], [0.0, 1.0]]), np.eye(2)
    >>> log_q = np.log([0.5, 0.1])
    >>> round(inbatch_softmax_loss(users, items, np.array([7, 8]), log_q, temperature=1.0), 6)
    0.293904
    """
    raise NotImplementedError


class StreamingFrequency:
    """Estimates, for every item of a stream of batches, the probability that a batch holds it.

    >>> frequency = StreamingFrequency(alpha=0.5, initial_interval=10)
    >>> frequency.update([1, 2], step=1)
    >>> frequency.update([1], step=3)  # the gap is 2, so the interval becomes (10 + 2) / 2
    >>> round(frequency.prob(1), 6)
    0.166667
    """

    def __init__(self, alpha: float = 0.05, initial_interval: float = 100.0) -> None:
        """Start without items. `alpha` is the weight of the newest gap, `initial_interval` counts steps.

        Raises ValueError for an alpha that isn't above 0 and at most 1, or an interval that is below 1 or infinite.
        """
        raise NotImplementedError

    def update(self, ids: list[int], step: int) -> None:
        """Take note of the items of one batch. Raises ValueError for a step that isn't later than the last."""
        raise NotImplementedError

    def prob(self, item_id: int) -> float:
        """The probability that a batch holds the item, above 0 and at most 1."""
        raise NotImplementedError
