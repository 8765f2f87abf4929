"""Gradient surgery for tasks that conflict (PCGrad). The task: pcgrad.md.

You may import the standard library and numpy; no other library, such as pandas, scipy, sklearn or keras.
"""

import numpy as np


def conflict_matrix(grads: np.ndarray) -> np.ndarray:
    """Cosine of every two tasks' gradients; below 0 they conflict.

    `grads` is (T, P): one gradient a task, over the P parameters that the tasks share. Gives (T, T), float64.
    Raises ValueError for NaN or infinity.

    >>> conflict_matrix(np.array([[3, 4], [-5, 0]]))
    array([[ 1. , -0.6],
           [-0.6,  1. ]])
    """
    raise NotImplementedError


def project(g: np.ndarray, onto: np.ndarray) -> np.ndarray:
    """What is left of the gradient `g` once its conflict with the gradient `onto` is taken out.

    Both are (P,). Gives (P,), float64. Raises ValueError for different shapes, NaN or infinity.

    >>> project(np.array([-5.0, 0.0]), np.array([3.0, 4.0]))
    array([-3.2,  2.4])
    """
    raise NotImplementedError


def pcgrad(grads: np.ndarray, orders: list[list[int]]) -> np.ndarray:
    """One gradient out of T: each without its conflicts, summed.

    `grads` is (T, P). `orders[i]` lists the other tasks in the order in which task i meets them. Gives (P,), float64.
    Raises ValueError for orders that aren't so, NaN or infinity.

    >>> pcgrad(np.array([[3.0, 4.0], [-5.0, 0.0]]), [[1], [0]])
    array([-3.2,  6.4])
    """
    raise NotImplementedError
