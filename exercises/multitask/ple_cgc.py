"""Progressive layered extraction: experts of one's own, and shared ones. The task: ple_cgc.md.

You may import the standard library and numpy; no other library, such as pandas, scipy, sklearn or keras.
"""

from typing import Any

import numpy as np


def cgc_layer(
    task_x: list[np.ndarray], shared_x: np.ndarray, params: dict[str, Any], with_shared_gate: bool = True
) -> tuple[list[np.ndarray], np.ndarray | None]:
    """One layer of customized gate control: the T tasks' outputs, each (N, h), and the shared output, (N, h) or None.

    The T inputs in `task_x` and `shared_x` have the shape (N, d). The keys of `params` are in the statement.
    Raises ValueError where tasks, experts and gates don't fit together.

    >>> def says(*values): return np.zeros((1, len(values))), np.array(values)
    >>> experts = {"task_experts": [[says(2.0)]], "shared_experts": [says(6.0)]}
    >>> gates = {"task_gates": [says(np.log(3.0), 0.0)], "shared_gate": says(0.0, 0.0)}
    >>> outputs, shared = cgc_layer([np.ones((1, 1))], np.ones((1, 1)), experts | gates)
    >>> round(float(outputs[0][0, 0]), 6), round(float(shared[0, 0]), 6)
    (3.0, 4.0)
    """
    raise NotImplementedError


def ple_forward(x: np.ndarray, layers: list[dict[str, Any]]) -> list[np.ndarray]:
    """The T tasks' outputs, each (N, h), of the last of L layers; x has the shape (N, d).

    Raises ValueError without a layer, and where `cgc_layer` does.
    """
    raise NotImplementedError


def influence(n_tasks: int, n_layers: int) -> np.ndarray:
    """Boolean (n_layers, n_tasks, n_tasks): can task j's own experts in layer l change output i? At [l, i, j].

    Raises ValueError for fewer than one task or one layer.
    """
    raise NotImplementedError
