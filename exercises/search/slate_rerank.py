"""From scores to a page: fuse objectives, find the Pareto front, diversify. The task: slate_rerank.md.

You may import the standard library and numpy; no other library, such as pandas, scipy, sklearn or keras.
"""

import numpy as np


def fuse(scores: dict[str, np.ndarray], weights: dict[str, float]) -> np.ndarray:
    """Multiply the objectives, each to the power of its weight.

    `scores` holds one (N,) array per objective, `weights` one number for each of the same names; none below 0.
    Gives (N,), float64. Raises ValueError for names, shapes or numbers that can't be.

    >>> fuse({"ctr": np.array([0.5, 0.25]), "price": np.array([4, 100])}, {"ctr": 1, "price": 0.5})
    array([1. , 2.5])
    """
    raise NotImplementedError


def pareto_front(points: np.ndarray) -> list[int]:
    """Find the points that no other point beats, by index, ascending.

    `points` is (N, M), N points of M objectives, more is better in each.
    Raises ValueError for anything but two dimensions of finite numbers.

    >>> pareto_front(np.array([[1, 5], [2, 4], [1, 4]]))
    [0, 1]
    """
    raise NotImplementedError


def mmr(relevance: np.ndarray, similarity: np.ndarray, k: int, lam: float) -> list[int]:
    """Choose k items one after another, by index, weighing relevance against likeness to what is chosen already.

    `relevance` is (N,), `similarity` (N, N) and symmetric, `lam` from 0 (unlike items only) to 1 (relevant items only).
    Raises ValueError for shapes or numbers that can't be, a negative k, or a lam outside 0 to 1.

    >>> mmr(np.array([4, 3, 1]), np.array([[4, 4, 0], [4, 4, 0], [0, 0, 4]]), 2, 0.5)
    [0, 2]
    """
    raise NotImplementedError
