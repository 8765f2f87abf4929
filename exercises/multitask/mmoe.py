"""Multi-gate mixture of experts (MMoE). The task: mmoe.md.

You may import the standard library, numpy and keras; no other library, such as pandas, scipy or sklearn.
"""

import keras
import numpy as np
from numpy.typing import NDArray


def softmax(x: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    """Probabilities of the shape of x, proportional to e^x along one axis, which they sum to 1 over.

    Raises ValueError if that axis has the length 0.

    >>> softmax(np.log([1.0, 3.0, 4.0])).round(6).tolist()
    [0.125, 0.375, 0.5]
    """
    raise NotImplementedError


def mmoe_forward(
    x: NDArray[np.float64],
    expert_w: NDArray[np.float64],
    expert_b: NDArray[np.float64],
    gate_w: NDArray[np.float64],
    gate_b: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What each task's tower reads, (T, N, h), and the gates that mixed it, (T, N, E).

    `x` holds N rows, (N, d). `expert_w` (E, d, h) and `expert_b` (E, h) belong to the experts, `gate_w` (T, d, E) and
    `gate_b` (T, E) to the gates of the tasks. Raises ValueError if these shapes don't fit together.

    >>> one = np.ones((1, 1))
    >>> experts = np.array([[[2.0]], [[4.0]]]), np.zeros((2, 1))
    >>> outputs, gates = mmoe_forward(one, *experts, np.zeros((1, 1, 2)), np.zeros((1, 2)))
    >>> outputs.tolist(), gates.tolist()
    ([[[3.0]]], [[[0.5, 0.5]]])
    """
    raise NotImplementedError


def build_mmoe(
    n_features: int, tasks: list[str], n_experts: int = 4, expert_units: int = 16, tower_units: int = 8
) -> keras.Model:
    """Build a functional model, (batch, n_features) -> {task: (batch, 1)}, not compiled.

    Raises ValueError for no tasks, for a task that stands there twice, and for a size below 1.
    """
    raise NotImplementedError
