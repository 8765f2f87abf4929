"""LambdaRank: pairwise gradients weighted by what a swap would change. The task: lambdarank.md.

You may import the standard library, numpy and scipy; no other library, such as pandas, sklearn or keras.
"""

import numpy as np


def delta_ndcg(labels: np.ndarray, scores: np.ndarray, k: int | None = None) -> np.ndarray:
    """How much NDCG@k would change if items i and j swapped places in the order by score.

    labels, scores: (n,). Gives (n, n), float64, symmetric, 0 or more.
    Raises ValueError for unequal lengths, a label that is negative, a label or a score that isn't finite, a negative k.

    >>> delta_ndcg(np.array([0, 1]), np.array([2.0, 1.0])).round(6)  # 1 · (1 - 1 / log2(3)) / 1
    array([[0.     , 0.36907],
           [0.36907, 0.     ]])
    """
    raise NotImplementedError


def lambdas(labels: np.ndarray, scores: np.ndarray, sigma: float = 1.0, k: int | None = None) -> np.ndarray:
    """The gradient with respect to the scores: below 0 where an item is to rise, above 0 where it is to fall.

    labels, scores: (n,). Gives (n,), float64.
    Raises ValueError like delta_ndcg, and for a sigma that isn't above 0 or isn't finite.

    >>> lambdas(np.array([0, 1]), np.array([1.0, 1.0])).round(6)  # half of 0.369070
    array([ 0.184535, -0.184535])
    """
    raise NotImplementedError


def fit_linear(groups: list[tuple[np.ndarray, np.ndarray]], lr: float, epochs: int, sigma: float = 1.0) -> np.ndarray:
    """Learn weights w so that X @ w orders the items of each query: one step of gradient descent per query and epoch.

    groups: a query each, features X (n, d) and labels (n,); n may differ, d doesn't. Gives w, (d,), float64.
    Raises ValueError where there is no group, where X or labels don't fit, and for lr, epochs or sigma out of range.

    >>> fit_linear([(np.array([[0.0], [1.0]]), np.array([0, 1]))], lr=2.0, epochs=1).round(6)
    array([0.36907])
    """
    raise NotImplementedError
