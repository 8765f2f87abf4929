"""Gradients of several tasks, and the orders in which each task meets the others.

Gradients have 2 to 4 entries, whole numbers in [-3, 3], not all 0. There are 2 to 4 tasks.
"""

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Array = NDArray[np.float64]
Orders = list[list[int]]
Tasks = tuple[Array, Orders]

numbers = st.sampled_from([1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 0.0])
positive = st.sampled_from([1.0, 2.0, 3.0, 0.0])
factors = st.sampled_from([1e-6, 1e6, 1e-3, 0.5, 20.0])


def vectors(size: int, entries: st.SearchStrategy[float] = numbers) -> st.SearchStrategy[Array]:
    """Of whole numbers, not all 0."""
    return st.lists(entries, min_size=size, max_size=size).filter(any).map(np.array)


def orders_of(n_tasks: int) -> st.SearchStrategy[Orders]:
    """For each task, the others in some order."""
    others = ([other for other in range(n_tasks) if other != task] for task in range(n_tasks))
    return st.tuples(*map(st.permutations, others)).map(list)


@st.composite
def conflicting(draw: st.DrawFn, least: int = 2, most: int = 4) -> Tasks:
    """Tasks none of which agrees with task 0, and their orders."""
    n_tasks, size = draw(st.integers(least, most)), draw(st.integers(2, 4))
    first, *others = [draw(vectors(size)) for _ in range(n_tasks)]
    return np.array([first, *(-other if first @ other > 0 else other for other in others)]), draw(orders_of(n_tasks))


@st.composite
def agreeing(draw: st.DrawFn) -> Tasks:
    """Tasks none of which conflicts with any other, most of them at an acute angle."""
    n_tasks, size = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    return np.array([draw(vectors(size, positive)) for _ in range(n_tasks)]), draw(orders_of(n_tasks))


@st.composite
def two_vectors(draw: st.DrawFn) -> tuple[Array, Array]:
    """A vector, and another that is at an obtuse angle to it three times in four."""
    size = draw(st.integers(2, 4))
    g, onto = draw(vectors(size)), draw(vectors(size))
    return g, -onto if g @ onto > 0 and draw(st.sampled_from([True, False])) else onto


@st.composite
def mirrored(draw: st.DrawFn) -> tuple[Array, Orders, Array]:
    """Tasks, their orders, and a mirror, which turns every gradient and changes no angle: orthogonal, P x P."""
    grads, orders = draw(conflicting())
    normal = draw(vectors(grads.shape[1]))
    return grads, orders, np.eye(len(normal)) - 2 * np.outer(normal, normal) / (normal @ normal)


@st.composite
def relabelled(draw: st.DrawFn) -> tuple[Tasks, Tasks]:
    """Tasks and orders, and the same with the tasks numbered otherwise."""
    grads, orders = draw(conflicting(least=3))
    old = draw(st.permutations(range(len(grads))))
    return (grads, orders), (grads[old], [[old.index(other) for other in orders[task]] for task in old])


opposed = conflicting(most=2).filter(lambda tasks: tasks[0][0] @ tasks[0][1] < 0 and not are_parallel(*tasks[0]))


def are_parallel(a: Array, b: Array) -> bool:
    """Whether the angle between two vectors is 0 or 180 degrees."""
    return bool((a @ b) ** 2 == (a @ a) * (b @ b))  # exact: small whole numbers
