"""The losses of joint training, and what it gained: the reference."""

import math
from collections.abc import Mapping

import numpy as np

# How much of L / σ² a task pays: a Gaussian's exponent has a half, the softmax of logits / σ² hasn't.
_FACTORS = {"reg": 0.5, "cls": 1.0}


def joint_loss(per_example: dict[str, np.ndarray], masks: dict[str, np.ndarray], weights: dict[str, float]) -> float:
    """Sum over tasks of weight times mean loss of the labelled rows; losses and masks are (N,) for every task."""
    _require_same_tasks(per_example, masks, weights)
    if len({np.shape(column) for column in (*per_example.values(), *masks.values())}) > 1:
        raise ValueError("losses and masks of a batch have one shape")
    if not all(0 <= weight < math.inf for weight in weights.values()):
        raise ValueError("a weight is a finite number, 0 or more")
    return float(sum(weight * _labelled_mean(per_example[task], masks[task]) for task, weight in weights.items()))


def uncertainty_loss(losses: np.ndarray, log_vars: np.ndarray, kinds: list[str]) -> tuple[float, np.ndarray]:
    """Kendall et al. 2018, section 3.2, in s = ln σ²: total, and its gradient in s, (T,)."""
    losses, log_vars = np.asarray(losses, dtype=np.float64), np.asarray(log_vars, dtype=np.float64)
    if not losses.shape == log_vars.shape == (len(kinds),):
        raise ValueError("every task has one loss, one log-variance and one kind")
    if unknown := set(kinds) - set(_FACTORS):
        raise ValueError(f"a task is 'reg' or 'cls', not {sorted(unknown)}")
    paid = np.array([_FACTORS[kind] for kind in kinds]) * np.exp(-log_vars) * losses
    return float(np.sum(paid + log_vars / 2)), 0.5 - paid


def soft_sharing(params: list[np.ndarray], strength: float) -> tuple[float, list[np.ndarray]]:
    """Squared distance of the tasks' weights to their mean (Evgeniou & Pontil 2004), and a gradient for each task."""
    if len({np.shape(weights) for weights in params}) != 1:
        raise ValueError("the same layer of one task or more has one shape")
    if not 0 <= strength < math.inf:
        raise ValueError(f"a strength is a finite number, 0 or more, not {strength}")
    stacked = np.array(params, dtype=np.float64)
    away = stacked - stacked.mean(axis=0)
    return float(strength * np.sum(away**2)), list(2 * strength * away)


def transfer_gain(
    single: dict[str, float], multi: dict[str, float], higher_is_better: dict[str, bool]
) -> dict[str, float]:
    """Percent gained over single-task models by task, and the "mean" of these (Maninis et al. 2019)."""
    _require_same_tasks(single, multi, higher_is_better)
    if not single or "mean" in single:
        raise ValueError("a mean of gains needs a task, and its name for itself")
    if not all(math.isfinite(metric) for metric in (*single.values(), *multi.values())):
        raise ValueError("a metric is a finite number")
    if min(single.values()) <= 0:
        raise ValueError("a gain is a percentage of a metric above 0")
    gains = {}
    for task, alone in single.items():
        rise = 100 * (multi[task] - alone) / alone
        gains[task] = rise if higher_is_better[task] else -rise
    return {**gains, "mean": sum(gains.values()) / len(gains)}


def _labelled_mean(losses: np.ndarray, mask: np.ndarray) -> float:
    """0 without a label. The rows are chosen, not multiplied by 0, for 0 times NaN is NaN."""
    labelled = np.asarray(losses, dtype=np.float64)[np.asarray(mask, dtype=bool)]
    return float(labelled.mean()) if labelled.size else 0.0


def _require_same_tasks(*by_task: Mapping[str, object]) -> None:
    if len({frozenset(each) for each in by_task}) > 1:
        raise ValueError("every argument has the same tasks")
