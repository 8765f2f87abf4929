"""Multi-gate mixture of experts (MMoE): the reference."""

import keras
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def softmax(x: Floats, axis: int = -1) -> Floats:
    """e^x / Σ e^x along one axis; numpy's max raises ValueError where that axis is empty."""
    logits = np.asarray(x, np.float64)
    # Each slice is shifted by its own maximum: its largest power is e^0, so none overflows and no sum is 0.
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    probabilities: Floats = powers / powers.sum(axis=axis, keepdims=True)
    return probabilities


def mmoe_forward(
    x: Floats, expert_w: Floats, expert_b: Floats, gate_w: Floats, gate_b: Floats
) -> tuple[Floats, Floats]:
    """Outputs (T, N, h) and gates (T, N, E) of Ma et al. 2018, equations 5 to 7, without the towers.

    Shapes: x (N, d), expert_w (E, d, h), expert_b (E, h), gate_w (T, d, E), gate_b (T, E).
    """
    _require_shapes(x, expert_w, expert_b, gate_w, gate_b)
    rows = np.asarray(x, np.float64)
    experts = np.maximum(rows @ expert_w + expert_b[:, np.newaxis], 0)  # (E, N, h)
    gates = softmax(rows @ gate_w + gate_b[:, np.newaxis])
    return np.einsum("tne,enh->tnh", gates, experts), gates


def build_mmoe(
    n_features: int, tasks: list[str], n_experts: int = 4, expert_units: int = 16, tower_units: int = 8
) -> keras.Model:
    """One gate and one tower per task on shared experts, (batch, n_features) -> {task: (batch, 1)}."""
    if not tasks or len(set(tasks)) < len(tasks):
        raise ValueError("tasks have names, each its own")
    if min(n_features, n_experts, expert_units, tower_units) < 1:
        raise ValueError("every size is at least 1")

    row = keras.Input((n_features,))
    experts = keras.layers.Dense(n_experts * expert_units, activation="relu")(row)
    experts = keras.layers.Reshape((n_experts, expert_units))(experts)
    outputs = {}
    for task in tasks:
        gate = keras.layers.Dense(n_experts, activation="softmax")(row)
        mixture = keras.layers.Dot(axes=1)([gate, experts])  # (batch, E) · (batch, E, h) -> (batch, h)
        hidden = keras.layers.Dense(tower_units, activation="relu")(mixture)
        outputs[task] = keras.layers.Dense(1, activation="sigmoid")(hidden)
    return keras.Model(row, outputs)


def _require_shapes(x: Floats, expert_w: Floats, expert_b: Floats, gate_w: Floats, gate_b: Floats) -> None:
    if (x.ndim, expert_w.ndim, gate_w.ndim) != (2, 3, 3):
        raise ValueError("rows are a matrix; weights of experts and gates are stacks of matrices")
    d, (n_experts, _, h), n_tasks = x.shape[1], expert_w.shape, len(gate_w)
    if 0 in (d, n_experts, h, n_tasks):
        raise ValueError("at least one feature, expert, unit and task")
    expected = (n_experts, d, h), (n_experts, h), (n_tasks, d, n_experts), (n_tasks, n_experts)
    found = expert_w.shape, expert_b.shape, gate_w.shape, gate_b.shape
    if found != expected:
        raise ValueError(f"shapes {found} where {expected} fit")
