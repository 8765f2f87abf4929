"""PCGrad in exact fractions: Yu et al. 2020, algorithm 1."""

from fractions import Fraction

import numpy as np

from grader.checks.strategies.gradients import Array, Orders


def exact_projection(g: list[Fraction], onto: list[Fraction]) -> list[Fraction]:
    """By the definition, in fractions."""
    dot = sum((a * b for a, b in zip(g, onto, strict=True)), Fraction())
    if dot >= 0:
        return g
    share = dot / sum(b * b for b in onto)
    return [a - share * b for a, b in zip(g, onto, strict=True)]


def fractions_of(vector: Array) -> list[Fraction]:
    """The entries of a vector, exactly."""
    return [Fraction(entry) for entry in vector.tolist()]


def exact_surgery(grads: Array, orders: Orders) -> list[float]:
    """Algorithm 1, one task after the other, in fractions."""
    total = [Fraction()] * grads.shape[1]
    for task, order in enumerate(orders):
        left = fractions_of(grads[task])
        for other in order:
            left = exact_projection(left, fractions_of(grads[other]))
        total = [a + b for a, b in zip(total, left, strict=True)]
    return [float(entry) for entry in total]


def loops_over_tasks(grads: Array, orders: Orders) -> Array:
    """The slowest surgery that we accept."""
    total = np.zeros(grads.shape[1])
    for task, order in enumerate(orders):
        left = grads[task].copy()
        for other in order:
            dot = (left * grads[other]).sum()
            if dot < 0:
                left = left - dot / np.linalg.norm(grads[other]) ** 2 * grads[other]
        total = total + left
    return total
