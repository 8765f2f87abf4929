"""Losses of several tasks, their noise, their layers and their metrics.

Tasks are 1 to 3. Batches have 1 to 4 rows; losses are eighths in [0, 8], weights quarters in [0, 3.25]. Log-variances
are eighths in [-2, 2], or far: up to 700 on either side. Layers have 1 to 4 weights, whole numbers in [-8, 8]; there
are 2 to 4 of them. Gains are whole percents in [-50, 50].
"""

import math
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Batch(NamedTuple):
    """One batch, in the order of the arguments of `joint_loss`."""

    per_example: dict[str, Floats]
    masks: dict[str, Mask]
    weights: dict[str, float]

    def rows(self, order: list[int]) -> "Batch":
        """The batch of these rows."""
        losses = {task: values[order] for task, values in self.per_example.items()}
        return Batch(losses, {task: mask[order] for task, mask in self.masks.items()}, self.weights)

    def unlabelled(self, values: list[float]) -> "Batch":
        """The batch with these values, over and over, where there is no label."""
        fill = {task: np.resize(values, mask.size) for task, mask in self.masks.items()}
        losses = {task: np.where(self.masks[task], rows, fill[task]) for task, rows in self.per_example.items()}
        return self._replace(per_example=losses)


class Noisy(NamedTuple):
    """T tasks, in the order of the arguments of `uncertainty_loss`."""

    losses: Floats
    log_vars: Floats
    kinds: list[str]


class Metrics(NamedTuple):
    """In the order of the arguments of `transfer_gain`, and what should come of it."""

    single: dict[str, float]
    multi: dict[str, float]
    higher_is_better: dict[str, bool]
    gains: dict[str, float]


# Quarters and eighths are exact in binary.
eighths = st.integers(0, 64).map(lambda n: n / 8)
positive_eighths = st.integers(1, 64).map(lambda n: n / 8)
quarters = st.integers(0, 12).map(lambda n: n / 4)


@st.composite
def drawn_batches(draw: st.DrawFn) -> Batch:
    """Up to four rows and three tasks. The first task has a label, a loss and a weight, so the batch's loss isn't 0."""
    n_rows, tasks = draw(st.integers(1, 4)), draw(st.permutations(["click", "cart", "buy"]))[: draw(st.integers(1, 3))]
    column = {task: draw(st.lists(eighths, min_size=n_rows, max_size=n_rows)) for task in tasks}
    masks = {task: draw(st.lists(st.booleans(), min_size=n_rows, max_size=n_rows)) for task in tasks}
    weights = {task: draw(quarters) for task in tasks}
    column[tasks[0]][0], masks[tasks[0]][0], weights[tasks[0]] = draw(positive_eighths), True, draw(quarters) + 0.25
    losses = {task: np.array(values) for task, values in column.items()}
    return Batch(losses, {task: np.array(mask) for task, mask in masks.items()}, weights)


batches = drawn_batches()
junk = st.lists(st.sampled_from([math.nan, math.inf, -math.inf, 1e300, -7.0]), min_size=1, max_size=3)
shuffled_batches = batches.flatmap(
    lambda batch: st.tuples(st.just(batch), st.permutations(range(len(next(iter(batch.masks.values()))))))
)
reordered_batches = batches.flatmap(
    lambda batch: st.tuples(st.just(batch), st.permutations(list(batch.masks)), st.permutations(list(batch.masks)))
)


def noisy(losses: st.SearchStrategy[float], log_vars: st.SearchStrategy[float]) -> st.SearchStrategy[Noisy]:
    """One to three tasks."""
    task = st.tuples(losses, log_vars, st.sampled_from(["reg", "cls"]))
    return st.lists(task, min_size=1, max_size=3).map(noisy_of)


def noisy_of(tasks: list[tuple[float, float, str]]) -> Noisy:
    """From a loss, a log-variance and a kind for each task."""
    losses, log_vars, kinds = zip(*tasks, strict=True)
    return Noisy(np.array(losses, float), np.array(log_vars, float), list(kinds))


moderate = noisy(eighths, st.integers(-16, 16).map(lambda n: n / 8))
far = noisy(st.sampled_from([0.0, 0.25, 3.0]), st.sampled_from([0.0, 2.0, -2.0, 60.0, -60.0, 700.0, -700.0]))


@st.composite
def drawn_layers(draw: st.DrawFn) -> list[Floats]:
    """The same layer of two to four tasks, small whole numbers; the first two tasks differ."""
    n_tasks, shape = draw(st.integers(2, 4)), draw(st.sampled_from([(1,), (3,), (2, 2), (2, 1, 2)]))
    weights = st.lists(st.integers(-8, 8), min_size=math.prod(shape), max_size=math.prod(shape))
    layers = [np.array(draw(weights), float).reshape(shape) for _ in range(n_tasks)]
    layers[1].flat[0] = layers[0].flat[0] + draw(st.integers(1, 4))
    return layers


layers = drawn_layers()
strengths = st.integers(1, 12).map(lambda n: n / 4)


@st.composite
def drawn_metrics(draw: st.DrawFn) -> Metrics:
    """One to three tasks with gains of whole percents; the three dicts hold them in different orders."""
    tasks = draw(st.permutations(["auc", "ndcg", "rmse"]))[: draw(st.integers(1, 3))]
    single = {task: draw(positive_eighths) for task in tasks}
    higher = {task: draw(st.booleans()) for task in draw(st.permutations(tasks))}
    gains = {task: float(draw(st.integers(-50, 50))) for task in tasks}
    signed = {task: gains[task] if higher[task] else -gains[task] for task in tasks}
    multi = {task: single[task] * (1 + signed[task] / 100) for task in draw(st.permutations(tasks))}
    return Metrics(single, multi, higher, {**gains, "mean": math.fsum(gains.values()) / len(gains)})
