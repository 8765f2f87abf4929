"""Several tasks on one shared bottom (hard parameter sharing): the reference."""

from collections.abc import Iterable
from itertools import pairwise

import keras

ACTIVATION = {"binary": "sigmoid", "regression": "linear"}
LOSS = {"binary": "binary_crossentropy", "regression": "mean_squared_error"}


def parameter_report(n_features: int, n_tasks: int, bottom: tuple[int, ...], tower: tuple[int, ...]) -> dict[str, int]:
    """Parameters of the bottom, of one tower with its head, of the model, and what T models of one task have more."""
    _require_sizes(n_features, n_tasks, bottom, tower)
    shared = _dense_parameters(n_features, *bottom)
    per_task = _dense_parameters(bottom[-1], *tower, 1)
    return {
        "shared": shared,
        "per_task": per_task,
        "total": shared + n_tasks * per_task,
        "saved": (n_tasks - 1) * shared,  # the towers are needed either way
    }


def build_shared_bottom(
    n_features: int, tasks: dict[str, str], bottom: tuple[int, ...] = (32,), tower: tuple[int, ...] = (8,)
) -> keras.Model:
    """One bottom and a tower for each task, (batch, n_features) -> {task name: (batch, 1)}, compiled.

    Caruana 1997; in Ruder 2017, hard parameter sharing.
    """
    _require_sizes(n_features, len(tasks), bottom, tower)
    if unknown := set(tasks.values()) - set(LOSS):
        raise ValueError(f"a task is binary or regression, not {unknown}")

    features = keras.Input((n_features,))
    shared = _hidden(features, bottom)
    outputs = {
        name: keras.layers.Dense(1, activation=ACTIVATION[kind])(_hidden(shared, tower)) for name, kind in tasks.items()
    }
    model = keras.Model(features, outputs)
    # By name: Keras sorts a dict of outputs, so a list of losses would go to the wrong tasks.
    model.compile("adam", loss={name: LOSS[kind] for name, kind in tasks.items()})
    return model


def _require_sizes(n_features: int, n_tasks: int, bottom: tuple[int, ...], tower: tuple[int, ...]) -> None:
    if not bottom:
        raise ValueError("without a bottom nothing is shared")
    if min(n_features, n_tasks, *bottom, *tower) < 1:
        raise ValueError("features, tasks and units are 1 or more")


def _dense_parameters(*sizes: int) -> int:
    return sum((below + 1) * above for below, above in pairwise(sizes))


def _hidden(below: keras.KerasTensor, sizes: Iterable[int]) -> keras.KerasTensor:
    for units in sizes:
        below = keras.layers.Dense(units, activation="relu")(below)
    return below
