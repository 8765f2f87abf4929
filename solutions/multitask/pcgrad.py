"""Gradient surgery for tasks that conflict (PCGrad): the reference."""

import numpy as np
from numpy.typing import NDArray


def conflict_matrix(grads: np.ndarray) -> np.ndarray:
    """Cosine of every two tasks' gradients, (T, P) -> (T, T); 0 for a gradient of zeros."""
    grads = _checked(grads)
    norms = np.linalg.norm(grads, axis=1)
    lengths = np.outer(norms, norms)
    cosines = np.zeros_like(lengths)
    np.divide(grads @ grads.T, lengths, out=cosines, where=lengths > 0)
    return cosines


def project(g: np.ndarray, onto: np.ndarray) -> np.ndarray:
    """The gradient g without what works against `onto`, (P,): its projection on the plane normal to `onto`."""
    g, onto = _checked(g), _checked(onto)
    if g.shape != onto.shape:
        raise ValueError(f"gradients of the same parameters, not {g.shape} and {onto.shape}")
    dot = g @ onto
    if dot < 0:  # so `onto` isn't zero
        g -= dot / (onto @ onto) * onto
    return g


def pcgrad(grads: np.ndarray, orders: list[list[int]]) -> np.ndarray:
    """The sum of the tasks' gradients, each projected against the others' (Yu et al. 2020, algorithm 1), (P,)."""
    grads = _checked(grads)
    n_tasks, n_parameters = grads.shape
    if len(orders) != n_tasks:
        raise ValueError(f"{len(orders)} orders for {n_tasks} tasks")
    total = np.zeros(n_parameters)
    for task, order in enumerate(orders):
        if sorted([task, *order]) != list(range(n_tasks)):
            raise ValueError(f"task {task} meets every other task once, not {order}")
        left = grads[task]
        for other in order:
            left = project(left, grads[other])  # a new array: whoever meets `task` later meets its original gradient
        total += left
    return total


def _checked(gradients: np.ndarray) -> NDArray[np.float64]:
    """A float64 copy: squares of int8 overflow, those of float32 vanish. Raises ValueError for NaN and infinity."""
    checked = np.array(gradients, dtype=np.float64)
    if not np.all(np.isfinite(checked)):
        raise ValueError("a gradient holds NaN or infinity")
    return checked
