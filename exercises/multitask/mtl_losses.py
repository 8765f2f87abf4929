"""The losses of joint training, and what it gained. The task: mtl_losses.md.

You may import the standard library and numpy; no other library, such as pandas, scipy, sklearn or keras.
"""

import numpy as np


def joint_loss(per_example: dict[str, np.ndarray], masks: dict[str, np.ndarray], weights: dict[str, float]) -> float:
    """Sum of the tasks' weighted mean losses, each mean over the rows that are labelled for the task.

    All three dicts have the tasks as keys. Losses and masks have the shape (N,); a mask is 1 or True where labelled.
    Raises ValueError for different tasks, different shapes, or a weight that is negative, NaN or infinite.

    >>> joint_loss({"click": np.array([1.0, 3.0, 8.0])}, {"click": np.array([True, True, False])}, {"click": 0.5})
    1.0
    """
    raise NotImplementedError


def uncertainty_loss(losses: np.ndarray, log_vars: np.ndarray, kinds: list[str]) -> tuple[float, np.ndarray]:
    """Total of T losses, each weighed by a learned noise, and its gradient in the log-variances, (T,).

    `losses` and `log_vars` (ln σ²) have the shape (T,); each of the T `kinds` is "reg" or "cls".
    Raises ValueError for different lengths or another kind.

    >>> uncertainty_loss(np.array([2.0]), np.array([0.0]), ["cls"])
    (2.0, array([-1.5]))
    """
    raise NotImplementedError


def soft_sharing(params: list[np.ndarray], strength: float) -> tuple[float, list[np.ndarray]]:
    """Penalty for weights that differ from their mean over tasks, and its gradient for every task.

    `params` holds one array per task, all of one shape; so does the list of gradients.
    Raises ValueError for no params, different shapes, or a strength that is negative, NaN or infinite.

    >>> soft_sharing([np.array([0.0, 4.0]), np.array([2.0, 4.0])], 1.0)
    (2.0, [array([-2.,  0.]), array([2., 0.])])
    """
    raise NotImplementedError


def transfer_gain(
    single: dict[str, float], multi: dict[str, float], higher_is_better: dict[str, bool]
) -> dict[str, float]:
    """What the joint model is better by than single-task models, in percent: for each task, and their "mean".

    Raises ValueError for different tasks, none, or one called "mean", for a value that isn't finite, and for a `single`
    that isn't above 0.

    >>> transfer_gain({"rmse": 4.0}, {"rmse": 3.0}, {"rmse": False})
    {'rmse': 25.0, 'mean': 25.0}
    """
    raise NotImplementedError
