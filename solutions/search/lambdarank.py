"""LambdaRank: the reference."""

import math

import numpy as np
from scipy.special import expit


def delta_ndcg(labels: np.ndarray, scores: np.ndarray, k: int | None = None) -> np.ndarray:
    """|ΔNDCG@k| of swapping items i and j in the order by score, (n, n) (Burges 2010, section 4)."""
    _refuse_unrankable(labels, scores, k)
    gains = 2.0 ** np.asarray(labels, dtype=np.float64) - 1
    discounts = _discounts(scores, k)
    ideal = np.sort(gains) @ np.sort(discounts)  # the best order has the largest gain at the largest discount
    if not ideal:
        return np.zeros((len(gains), len(gains)))
    delta: np.ndarray = np.abs((gains[:, None] - gains) * (discounts[:, None] - discounts)) / ideal
    return delta


def lambdas(labels: np.ndarray, scores: np.ndarray, sigma: float = 1.0, k: int | None = None) -> np.ndarray:
    """The gradient of LambdaRank with respect to the scores, (n,): below 0 where an item is to rise."""
    _refuse_sigma(sigma)
    delta = delta_ndcg(labels, scores, k)
    better = labels[:, None] > labels  # [i, j]: i should stand above j
    wrong = expit(-sigma * (scores[:, None] - scores))  # 1 / (1 + exp(x)) is expit(-x), which overflows for no x
    pushes = sigma * delta * wrong * better
    gradient: np.ndarray = pushes.sum(axis=0) - pushes.sum(axis=1)
    return gradient


def fit_linear(groups: list[tuple[np.ndarray, np.ndarray]], lr: float, epochs: int, sigma: float = 1.0) -> np.ndarray:
    """Weights w of the score Xw, (d,): from 0, a step down the gradient per query, queries in order."""
    if not groups:
        raise ValueError("without a query nobody knows how many features there are")
    if not 0 <= lr < math.inf or epochs < 0:
        raise ValueError(f"lr is finite and 0 or more, and so is epochs, not {lr} and {epochs}")
    _refuse_sigma(sigma)
    weights = np.zeros(groups[0][0].shape[1])
    for features, labels in groups:
        if not np.all(np.isfinite(features)):
            raise ValueError("features are finite")
        _refuse_unrankable(labels, features @ weights)  # the product refuses another d
    for _ in range(epochs):
        for features, labels in groups:
            weights -= lr * features.T @ lambdas(labels, features @ weights, sigma)
    return weights


def _discounts(scores: np.ndarray, k: int | None) -> np.ndarray:
    """1 / log2(rank + 1) of every item, 0 beyond rank k, (n,)."""
    order = np.argsort(-scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)  # the inverse of order, which says who stands at a rank
    return np.where(ranks <= (len(scores) if k is None else k), 1 / np.log2(ranks + 1), 0.0)


def _refuse_unrankable(labels: np.ndarray, scores: np.ndarray, k: int | None = None) -> None:
    """Raise ValueError for what has no NDCG@k."""
    if len(labels) != len(scores):
        raise ValueError(f"{len(labels)} labels for {len(scores)} scores")
    if not np.all(np.isfinite(labels)) or not np.all(np.isfinite(scores)):
        raise ValueError("labels and scores are finite")
    if np.any(labels < 0):
        raise ValueError("a label is 0 or more")
    if k is not None and k < 0:
        raise ValueError(f"k counts ranks: 0 or more, not {k}")


def _refuse_sigma(sigma: float) -> None:
    """Raise ValueError for a sigma that gives no sigmoid."""
    if not 0 < sigma < math.inf:
        raise ValueError(f"sigma is finite and above 0, not {sigma}")
