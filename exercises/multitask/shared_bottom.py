"""Several tasks on one shared bottom (hard parameter sharing). The task: shared_bottom.md.

You may import the standard library, numpy and keras; no other library, such as pandas, scipy or sklearn.
"""

import keras


def parameter_report(n_features: int, n_tasks: int, bottom: tuple[int, ...], tower: tuple[int, ...]) -> dict[str, int]:
    """Count the parameters of a shared bottom with `n_tasks` towers.

    `bottom` and `tower` are the sizes of the hidden layers; a tower has one more unit, its head. The keys are "shared",
    "per_task", "total" and "saved". Raises ValueError if `bottom` is empty or if any number is below 1.

    >>> parameter_report(6, 2, (8,), (4,))
    {'shared': 56, 'per_task': 41, 'total': 138, 'saved': 56}
    """
    raise NotImplementedError


def build_shared_bottom(
    n_features: int, tasks: dict[str, str], bottom: tuple[int, ...] = (32,), tower: tuple[int, ...] = (8,)
) -> keras.Model:
    """Build and compile a functional model, (batch, n_features) -> {task name: (batch, 1)}.

    `tasks` maps names to "binary" or "regression". Raises ValueError for another kind, for no tasks, and where
    `parameter_report` does.
    """
    raise NotImplementedError
