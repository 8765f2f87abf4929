"""Layers and networks of task experts and shared experts, as PLE has them.

Sizes are 1 to 3: rows, widths, shared experts. Tasks are 1 to 3, of 1 to 3 experts each; networks have 1 to 3 layers.
"""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from grader.checks.strategies.weights import Floats, quarters, seeds

Dense = tuple[Floats, Floats]
Params = dict[str, Any]


class Layer(NamedTuple):
    """In the order of the arguments of `cgc_layer`."""

    task_x: list[Floats]
    shared_x: Floats
    params: Params

    def with_params(self, **changed: object) -> "Layer":
        """The same layer, but for these entries of its dict."""
        return self._replace(params={**self.params, **changed})


class Network(NamedTuple):
    """In the order of the arguments of `ple_forward`."""

    x: Floats
    layers: list[Params]

    def with_layer(self, depth: int, params: Params) -> "Network":
        """The same network, but for this layer."""
        return self._replace(layers=[*self.layers[:depth], params, *self.layers[depth + 1 :]])


def says(*values: float) -> Dense:
    """A dense layer from width 1 that answers its bias, whatever it reads."""
    return np.zeros((1, len(values))), np.array(values, float)


def times(*factors: float) -> Dense:
    """A dense layer from width 1 that multiplies what it reads."""
    return np.array([factors], float), np.zeros(len(factors))


class Drawn:
    """Params from one drawn seed: numbers beside it shrink sizes, and a matrix costs hypothesis one draw."""

    def __init__(self, seed: int, group_sizes: list[int], n_shared: int) -> None:
        self.rng, self.group_sizes, self.n_shared = np.random.default_rng(seed), group_sizes, n_shared

    def grid(self, *shape: int) -> Floats:
        """Quarters in [-2, 2]."""
        return quarters(self.rng, *shape)

    def dense(self, width: int, out: int) -> Dense:
        """A dense layer of quarters."""
        return self.grid(width, out), self.grid(out)

    def params(self, width: int, out: int) -> Params:
        """One layer."""
        sizes, n_shared = self.group_sizes, self.n_shared
        return {
            "task_experts": [[self.dense(width, out) for _ in range(size)] for size in sizes],
            "shared_experts": [self.dense(width, out) for _ in range(n_shared)],
            "task_gates": [self.dense(width, size + n_shared) for size in sizes],
            "shared_gate": self.dense(width, sum(sizes) + n_shared),
        }

    def layer(self, n_rows: int, width: int, out: int) -> Layer:
        """One layer with an input of its own for every task."""
        task_x = [self.grid(n_rows, width) for _ in self.group_sizes]
        return Layer(task_x, self.grid(n_rows, width), self.params(width, out))


sizes = st.integers(1, 3)
uneven_groups = st.sampled_from([[2, 1], [1, 2], [1, 3, 2], [2, 1, 1], [3, 1]])
drawn = st.builds(Drawn, seeds, uneven_groups, sizes)
layers = st.builds(Drawn.layer, drawn, sizes, sizes, sizes)
layers_of_two_rows = st.builds(Drawn.layer, drawn, st.integers(2, 3), sizes, sizes)


@st.composite
def drawn_networks(draw: st.DrawFn) -> Network:
    """Up to three layers of changing widths. No layer has the same groups as the one before."""
    widths = draw(st.lists(sizes, min_size=2, max_size=4))
    n_tasks, seed = draw(st.integers(1, 3)), draw(seeds)
    rng = np.random.default_rng(seed)
    params = []
    for depth, (width, out) in enumerate(pairwise(widths)):
        groups = [1 + (depth + task) % 2 for task in range(n_tasks)]
        params.append(Drawn(seed + depth, groups, draw(st.integers(1, 2))).params(width, out))
    return Network(quarters(rng, draw(sizes), widths[0]), params)


class Positive(NamedTuple):
    """A network in which every ReLU is open and every expert's answer its own, and the tasks i and j, which differ."""

    network: Network
    reader: int
    changed: int


@st.composite
def drawn_positive_networks(draw: st.DrawFn) -> Positive:
    """Two layers of width 2, two or three tasks."""
    n_tasks, seed = draw(st.integers(2, 3)), draw(seeds)
    reader, changed = draw(st.permutations(range(n_tasks)))[:2]
    maker = Drawn(seed, [1 + task % 2 for task in range(n_tasks)], 2)
    both = [maker.params(2, 2), maker.params(2, 2)]
    for params in both:
        params["task_experts"] = [[positive(expert) for expert in group] for group in params["task_experts"]]
        params["shared_experts"] = [positive(expert) for expert in params["shared_experts"]]
        # Gates that are nearly closed would hide what passes through them.
        params["task_gates"] = [(0 * kernel, bias / 4) for kernel, bias in params["task_gates"]]
        params["shared_gate"] = (0 * params["shared_gate"][0], params["shared_gate"][1] / 4)
    return Positive(Network(np.abs(maker.grid(3, 2)) + 0.25, both), reader, changed)


positive_networks = drawn_positive_networks()


def positive(expert: Dense) -> Dense:
    """The expert with positive weights."""
    return np.abs(expert[0]) + 0.25, np.abs(expert[1]) + 0.25


def louder(params: Params, task: int) -> Params:
    """The layer with other experts for this task."""
    groups = list(params["task_experts"])
    groups[task] = [(kernel, bias + 5) for kernel, bias in groups[task]]
    return {**params, "task_experts": groups}


@st.composite
def reordered_layers(draw: st.DrawFn) -> tuple[Layer, Layer, list[int]]:
    """A layer, the same with its tasks in another order, and that order."""
    layer = draw(layers)
    groups = layer.params["task_experts"]
    order = draw(st.permutations(range(len(groups))))
    starts = np.cumsum([0, *map(len, groups)])
    columns = [column for task in order for column in range(starts[task], starts[task + 1])]
    columns += range(starts[-1], layer.params["shared_gate"][1].size)
    kernel, bias = layer.params["shared_gate"]
    other = layer._replace(task_x=[layer.task_x[task] for task in order]).with_params(
        task_experts=[groups[task] for task in order],
        task_gates=[layer.params["task_gates"][task] for task in order],
        shared_gate=(kernel[:, columns], bias[columns]),
    )
    return layer, other, list(order)
