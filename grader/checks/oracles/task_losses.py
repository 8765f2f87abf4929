"""Joint losses: Caruana 1997. Losses weighed by a learned noise: Kendall, Gal & Cipolla 2018."""

import math
from decimal import Decimal
from functools import cache

from grader.checks.strategies.task_losses import Batch


def slow_joint_loss(batch: Batch) -> float:
    """By definition, one row at a time."""
    total = 0.0
    for task, losses in batch.per_example.items():
        labelled = [loss for loss, known in zip(losses.tolist(), batch.masks[task], strict=True) if known]
        total += batch.weights[task] * math.fsum(labelled) / max(len(labelled), 1)
    return total


@cache
def exact_share(loss: float, log_var: float, kind: str) -> tuple[Decimal, Decimal]:
    """What one task adds to the total, and the gradient in its log-variance."""
    weighed = Decimal(-log_var).exp() * Decimal(loss) / (2 if kind == "reg" else 1)
    return weighed + Decimal(log_var) / 2, Decimal("0.5") - weighed
