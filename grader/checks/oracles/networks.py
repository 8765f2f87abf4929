"""What several models of tasks are counted and read by."""

import math
from itertools import pairwise


def sigmoid(x: float) -> float:
    """The probability of a moderate logit."""
    return 1 / (1 + math.exp(-x))


def dense_parameters(*sizes: int) -> int:
    """Weights and biases of dense layers between these sizes."""
    return sum((below + 1) * above for below, above in pairwise(sizes))
