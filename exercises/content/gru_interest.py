"""A recurrent encoder of a shopper's interest (GRU). The task: gru_interest.md.

You may import the standard library and numpy; no other library, such as pandas, scipy, sklearn or keras.
"""

import numpy as np


def gru_forward(x: np.ndarray, h0: np.ndarray, params: dict[str, np.ndarray]) -> np.ndarray:
    """The states of a GRU after each of T inputs.

    x is (T, d), h0 (h,). `params` holds "kernel" (d, 3h), "recurrent" (h, 3h) and "bias" (2, 3h); the columns of each
    are the update gate z, the reset gate r and the candidate, h columns each. Gives (T, h), float64: row t is the
    state after x[t]. Raises ValueError where a shape doesn't fit.

    >>> params = {"kernel": np.array([[1.0, 0, 1]]), "recurrent": np.array([[0.0, 0, 1]]), "bias": np.zeros((2, 3))}
    >>> gru_forward(np.array([[1.0], [-1.0]]), np.zeros(1), params).round(6)
    array([[ 0.204824],
           [-0.46771 ]])
    """
    raise NotImplementedError


def encode_histories(
    histories: list[list[int]], emb: np.ndarray, params: dict[str, np.ndarray], max_len: int
) -> np.ndarray:
    """One state for each of B shoppers, from their last `max_len` items.

    A history is a list of item ids, oldest first; `emb` is (I, d) and holds an item's input in row id. Gives (B, h),
    float64. Raises ValueError for an id outside 0 to I - 1 and for a negative `max_len`.
    """
    raise NotImplementedError


def score_items(users: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Every shopper's score for every item: (B, h) and (I, h) give (B, I), float64.

    >>> score_items(np.array([[0.5, -0.5]]), np.array([[2.0, 0], [2, 2]]))
    array([[1., 0.]])
    """
    raise NotImplementedError
