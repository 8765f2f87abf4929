"""Implicit-feedback matrix factorisation by alternating least squares. The task: implicit_als.md.

You may import the standard library, numpy and scipy; no other library, such as pandas, sklearn or keras.
"""

import numpy as np
from scipy import sparse


def als_half_step(counts: sparse.csr_matrix, fixed: np.ndarray, reg: float, alpha: float) -> np.ndarray:
    """Solve for the factors of every row of the counts while those of the columns stay fixed.

    `counts` is (n_rows, n_columns), `fixed` (n_columns, n_factors). Gives (n_rows, n_factors), float64.
    Raises ValueError for a count, reg or alpha that can't be, or shapes that don't fit.

    >>> counts = sparse.csr_matrix(np.array([[1, 3], [0, 2]]))
    >>> als_half_step(counts, np.array([[1.0], [2.0]]), reg=1, alpha=1)
    array([[0.52631579],
           [0.42857143]])
    """
    raise NotImplementedError


def als_loss(counts: sparse.csr_matrix, users: np.ndarray, items: np.ndarray, reg: float, alpha: float) -> float:
    """Sum of the weighted squared errors of all cells, and the penalty on both sides' factors.

    `counts` is (n_users, n_items), `users` (n_users, n_factors), `items` (n_items, n_factors).
    Raises ValueError for a count, reg or alpha that can't be, or shapes that don't fit.

    >>> als_loss(sparse.csr_matrix(np.array([[1, 0]])), np.array([[1.0]]), np.array([[0.5], [1.0]]), reg=1, alpha=1)
    3.75
    """
    raise NotImplementedError


def fit(
    counts: sparse.csr_matrix, factors: int, reg: float, alpha: float, iterations: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Factorise the counts: random item factors, then users from items and items from users, so many times.

    `counts` is (n_users, n_items). Gives users (n_users, factors) and items (n_items, factors), float64.
    Raises ValueError for a count, reg, alpha, factors or iterations that can't be.
    """
    raise NotImplementedError
