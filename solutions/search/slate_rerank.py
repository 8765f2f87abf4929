"""From scores to a page, fuse, front and MMR: the reference."""

import math
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray


def _finite(values: np.ndarray, dimensions: int) -> NDArray[np.float64]:
    """The values in float64; ValueError for another number of dimensions, NaN or infinity."""
    array: NDArray[np.float64] = np.asarray(values, dtype=np.float64)
    if array.ndim != dimensions or not np.isfinite(array).all():
        raise ValueError(f"finite numbers in {dimensions} dimension(s), please")
    return array


def fuse(scores: dict[str, np.ndarray], weights: dict[str, float]) -> np.ndarray:
    """The weighted product Π s^w, (N,): the score that Zhao et al. 2019 make of a model's many predictions."""
    if not scores or scores.keys() != weights.keys():
        raise ValueError(f"scores of {sorted(scores)}, weights of {sorted(weights)}")
    if not all(0 <= weight < math.inf for weight in weights.values()):
        raise ValueError(f"weights are finite numbers, 0 or more, not {weights}")
    columns = {name: _finite(column, 1) for name, column in scores.items()}
    if len({len(column) for column in columns.values()}) > 1:
        raise ValueError("every objective scores the same items")
    if any((column < 0).any() for column in columns.values()):
        raise ValueError("a score is 0 or more")
    # Not exp(Σ w · log s): where a score and its weight are 0 that is 0 · -inf, NaN. NumPy's 0.0 ** 0.0 is 1.
    return reduce(np.multiply, [column ** weights[name] for name, column in columns.items()])


def pareto_front(points: np.ndarray) -> list[int]:
    """Everything that nothing beats, ascending: each point against all others at once."""
    points = _finite(points, 2)

    def beaten(point: NDArray[Any]) -> bool:
        return bool(((points >= point).all(axis=1) & (points > point).any(axis=1)).any())

    return [index for index, point in enumerate(points) if not beaten(point)]


def mmr(relevance: np.ndarray, similarity: np.ndarray, k: int, lam: float) -> list[int]:
    """Greedy choice by λ · relevance - (1 - λ) · nearest (Carbonell & Goldstein 1998), in O(k N).

    A maximum over the chosen items only ever grows by the latest one, so it is kept and not computed anew.
    """
    relevance, similarity = _finite(relevance, 1), _finite(similarity, 2)
    n = len(relevance)
    if similarity.shape != (n, n):
        raise ValueError(f"{n} items have a similarity of {n} x {n}, not {similarity.shape}")
    if k < 0 or not 0 <= lam <= 1:
        raise ValueError(f"k is 0 or more, λ between 0 and 1, not {k} and {lam}")
    chosen: list[int] = []
    nearest = np.zeros(n)  # (N,), similarity to the nearest chosen item
    left = np.ones(n, dtype=bool)
    for _ in range(min(k, n)):
        values = np.where(left, lam * relevance - (1 - lam) * nearest, -np.inf)
        best = int(np.argmax(values))  # the first of equal ones
        nearest = np.maximum(nearest, similarity[best]) if chosen else similarity[best]
        left[best] = False
        chosen.append(best)
    return chosen
