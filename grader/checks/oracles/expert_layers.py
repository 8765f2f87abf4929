"""Mixtures of experts, one row at a time. MMoE: Ma et al. 2018. PLE: Tang, Liu, Zhao & Gong 2020."""

import math

import numpy as np

from grader.checks.strategies.expert_layers import Dense, Params
from grader.checks.strategies.expert_nets import Net
from grader.checks.strategies.weights import Floats


def slow_dense(row: list[float], layer: Dense) -> list[float]:
    """One row."""
    kernel, bias = layer[0].tolist(), layer[1].tolist()
    return [
        math.fsum(x * weights[out] for x, weights in zip(row, kernel, strict=True)) + bias[out]
        for out in range(len(bias))
    ]


def slow_mix(row: list[float], gate: Dense, answers: list[list[float]]) -> list[float]:
    """One row of experts' answers, weighed by the gate's softmax."""
    odds = [math.exp(logit) for logit in slow_dense(row, gate)]
    return [
        math.fsum(odd * value for odd, value in zip(odds, column, strict=True)) / math.fsum(odds)
        for column in zip(*answers, strict=True)
    ]


def slow_row(
    task_rows: list[list[float]], shared_row: list[float], params: Params
) -> tuple[list[list[float]], list[float]]:
    """One row through one layer, by definition."""
    groups = [
        [[max(0.0, value) for value in slow_dense(row, expert)] for expert in experts]
        for row, experts in zip(
            [*task_rows, shared_row], [*params["task_experts"], params["shared_experts"]], strict=True
        )
    ]
    outputs = [
        slow_mix(row, gate, own + groups[-1])
        for row, gate, own in zip(task_rows, params["task_gates"], groups[:-1], strict=True)
    ]
    return outputs, slow_mix(shared_row, params["shared_gate"], [answer for group in groups for answer in group])


def slow_forward(x: Floats, stack: list[Params]) -> list[list[list[float]]]:
    """Rows by task outputs."""
    rows = []
    for row in x.tolist():
        task_rows, shared_row = [row] * len(stack[0]["task_experts"]), row
        for params in stack:
            task_rows, shared_row = slow_row(task_rows, shared_row, params)
        rows.append(task_rows)
    return rows


def slow_mmoe(net: Net) -> tuple[Floats, Floats]:
    """Outputs and gates, row by row with `math`."""
    d = range(net.x.shape[1])
    outputs, gates = [], []
    for gate_w, gate_b in zip(net.gate_w, net.gate_b, strict=True):
        for row in net.x.tolist():
            odds = [math.exp(math.fsum(row[i] * gate_w[i, e] for i in d) + gate_b[e]) for e in range(len(gate_b))]
            gates.append([one / math.fsum(odds) for one in odds])
            said = [
                [max(math.fsum(row[i] * w[i, k] for i in d) + b[k], 0.0) for k in range(len(b))]
                for w, b in zip(net.expert_w, net.expert_b, strict=True)
            ]
            outputs.append(
                [math.fsum(g * v for g, v in zip(gates[-1], unit, strict=True)) for unit in zip(*said, strict=True)]
            )
    n_tasks, n_rows = len(net.gate_b), len(net.x)
    return np.array(outputs).reshape(n_tasks, n_rows, -1), np.array(gates).reshape(n_tasks, n_rows, -1)
