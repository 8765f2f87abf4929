"""Progressive layered extraction: the reference."""

from typing import Any

import numpy as np


def cgc_layer(
    task_x: list[np.ndarray], shared_x: np.ndarray, params: dict[str, Any], with_shared_gate: bool = True
) -> tuple[list[np.ndarray], np.ndarray | None]:
    """Tang et al. 2020, customized gate control: T outputs, each (N, h), and the shared output, (N, h) or None."""
    shared = _answers(shared_x, params["shared_experts"])
    outputs, everyone = [], []
    for x, experts, gate in zip(task_x, params["task_experts"], params["task_gates"], strict=True):
        own = _answers(x, experts)
        outputs.append(_mix(x, gate, own + shared))
        everyone += own
    if not outputs:
        raise ValueError("a multi-task model has a task")
    return outputs, _mix(shared_x, params["shared_gate"], everyone + shared) if with_shared_gate else None


def ple_forward(x: np.ndarray, layers: list[dict[str, Any]]) -> list[np.ndarray]:
    """T outputs, each (N, h): every layer's outputs and shared output are the next one's inputs."""
    if not layers:
        raise ValueError("a network has a layer")
    inputs: tuple[list[np.ndarray], Any] = [x] * len(layers[0]["task_experts"]), x
    for layer in layers[:-1]:
        inputs = cgc_layer(*inputs, layer)
    return cgc_layer(*inputs, layers[-1], with_shared_gate=False)[0]


def influence(n_tasks: int, n_layers: int) -> np.ndarray:
    """Boolean (n_layers, n_tasks, n_tasks). Above every layer but the last there is a shared gate that sees all."""
    if n_tasks < 1 or n_layers < 1:
        raise ValueError("at least one task and one layer")
    reaches = np.ones((n_layers, n_tasks, n_tasks), dtype=bool)
    reaches[-1] = np.eye(n_tasks, dtype=bool)
    return reaches


def _answers(x: np.ndarray, experts: list[tuple[np.ndarray, np.ndarray]]) -> list[np.ndarray]:
    if not experts:
        raise ValueError("a group of experts has one or more")
    return [np.maximum(_dense(x, expert), 0) for expert in experts]


def _mix(x: np.ndarray, gate: tuple[np.ndarray, np.ndarray], answers: list[np.ndarray]) -> np.ndarray:
    """The gate's softmax, (N, E), times E answers, each (N, h). Stacking refuses answers of different shapes."""
    stacked, logits = np.stack(answers, axis=1), _dense(x, gate)
    if logits.shape != stacked.shape[:2]:
        raise ValueError(f"a gate has {logits.shape[1]} columns for {len(answers)} experts")
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("ne,neh->nh", weights, stacked))


def _dense(x: np.ndarray, layer: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    kernel, bias = layer
    return np.asarray(x @ kernel.astype(np.float64) + bias)
