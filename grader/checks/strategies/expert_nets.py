"""Mixtures of experts with a gate for every task, as MMoE has them.

Sizes are 1 to 4: rows, features, experts, units, tasks.
"""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from grader.checks.strategies.weights import Floats, quarters, seeds


class Net(NamedTuple):
    """Rows and weights, in the order of the arguments of `mmoe_forward`."""

    x: Floats
    expert_w: Floats
    expert_b: Floats
    gate_w: Floats
    gate_b: Floats


class Sizes(NamedTuple):
    """N rows of d features, E experts of h units, T tasks."""

    rows: int
    features: int
    experts: int
    units: int
    tasks: int


def net_of(sizes: Sizes, seed: int) -> Net:
    """Rows and weights in quarters from -2 to 2: gates that are far from equal and from 0, and ReLUs open and shut."""
    n, d, e, h, t = sizes
    rng = np.random.default_rng(seed)
    return Net(*(quarters(rng, *shape) for shape in ((n, d), (e, d, h), (e, h), (t, d, e), (t, e))))


def nets(rows: int = 1, experts: int = 2, tasks: int = 1) -> st.SearchStrategy[Net]:
    """Small nets with at least so many rows, experts and tasks."""
    sizes = st.builds(
        Sizes,
        st.integers(rows, rows + 2),
        st.integers(1, 3),
        st.integers(experts, experts + 2),
        st.integers(1, 3),
        st.integers(tasks, tasks + 2),
    )
    return st.builds(net_of, sizes, seeds)


def shuffled_net(net: Net, permutation: int, what: str) -> tuple[Net, list[int]]:
    """The net with its experts or its tasks in another order, never the same one, and that order."""
    count = len(net.expert_b) if what == "experts" else len(net.gate_b)
    order = np.random.default_rng(permutation).permutation(count)
    if order.tolist() == list(range(count)):
        order = np.roll(order, 1)
    if what == "tasks":
        return net._replace(gate_w=net.gate_w[order], gate_b=net.gate_b[order]), order.tolist()
    experts = net._replace(expert_w=net.expert_w[order], expert_b=net.expert_b[order])
    return experts._replace(gate_w=net.gate_w[..., order], gate_b=net.gate_b[..., order]), order.tolist()
