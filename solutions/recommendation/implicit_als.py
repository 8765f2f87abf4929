"""Implicit-feedback matrix factorisation by alternating least squares: the reference."""

import math
from itertools import pairwise

import numpy as np
from scipy import sparse


def als_half_step(counts: sparse.csr_matrix, fixed: np.ndarray, reg: float, alpha: float) -> np.ndarray:
    """Factors of the rows, (n_rows, n_factors), the columns' being fixed (Hu, Koren & Volinsky 2008, equation 4).

    Σ c·yyᵀ over all columns is YᵀY, the same for every row, and Σ (c - 1)·yyᵀ over the row's own interactions.
    """
    counts = _checked(counts, reg, alpha)
    if len(fixed) != counts.shape[1]:
        raise ValueError(f"{counts.shape[1]} columns, but factors of {len(fixed)}")
    n_factors = fixed.shape[1]
    shared = fixed.T @ fixed + reg * np.eye(n_factors)
    solved = np.empty((counts.shape[0], n_factors))
    for row, (start, stop) in enumerate(pairwise(counts.indptr)):
        taken = fixed[counts.indices[start:stop]]
        beyond_one = alpha * counts.data[start:stop]
        solved[row] = np.linalg.solve(shared + (taken.T * beyond_one) @ taken, (1 + beyond_one) @ taken)
    return solved


def als_loss(counts: sparse.csr_matrix, users: np.ndarray, items: np.ndarray, reg: float, alpha: float) -> float:
    """Loss over all cells: each as if it were a 0 of confidence 1, corrected where there is an interaction."""
    counts = _checked(counts, reg, alpha)
    if counts.shape != (len(users), len(items)) or users.shape[1] != items.shape[1]:
        raise ValueError(f"counts of {counts.shape} don't fit factors of {users.shape} and {items.shape}")
    cells = counts.tocoo()
    score = np.einsum("nf,nf->n", users[cells.row], items[cells.col])
    corrections = (1 + alpha * cells.data) * (1 - score) ** 2 - score**2
    all_as_zero = np.sum((users.T @ users) * (items.T @ items))  # Σ (x·y)² without forming users x items
    return float(all_as_zero + corrections.sum() + reg * (np.sum(users**2) + np.sum(items**2)))


def fit(
    counts: sparse.csr_matrix, factors: int, reg: float, alpha: float, iterations: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Users (n_users, factors) and items (n_items, factors), by so many pairs of half steps."""
    if factors < 1 or iterations < 1:
        raise ValueError(f"factors and iterations must be 1 or more, not {factors} and {iterations}")
    by_item = counts.T.tocsr()  # the transpose of CSR is CSC, whose indptr runs over the other side
    items = np.random.default_rng(seed).normal(0, 0.1, (counts.shape[1], factors))
    for _ in range(iterations):
        users = als_half_step(counts, items, reg, alpha)
        items = als_half_step(by_item, users, reg, alpha)
    return users, items


def _checked(counts: sparse.csr_matrix, reg: float, alpha: float) -> "sparse.csr_matrix[np.float64]":
    """A float64 copy, so that small integers can't overflow, without stored zeros. Raises ValueError for nonsense."""
    if not (math.isfinite(reg) and reg > 0):
        raise ValueError(f"reg must be finite and above 0, not {reg}")
    if not (math.isfinite(alpha) and alpha >= 0):
        raise ValueError(f"alpha must be finite and 0 or more, not {alpha}")
    checked = counts.astype(np.float64)
    if not np.all(np.isfinite(checked.data) & (checked.data >= 0)):
        raise ValueError("a count is a finite number, 0 or more")
    checked.eliminate_zeros()
    return checked
