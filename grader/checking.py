"""What a check may ask of the learner's code besides calling it.

Each works the same whether the check runs by plain pytest, on the reference in this process, or in the judge, where
the learner's code is a proxy whose calls travel to a worker.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, TypeVar, cast

import numpy as np

from grader.judge.proxies import RemoteFunction, RemoteObject, current_learner
from grader.model import Reason
from grader.protocol.errors import SaidNo
from grader.sandbox.inside import model_rebuilder

T = TypeVar("T")
Array = np.ndarray[Any, np.dtype[Any]]
Answers = dict[str, Array]


class Timed(NamedTuple):
    """What a call cost and what it gave; look at both: an answer that may be wrong can be had for nothing."""

    seconds: float
    answer: Any


def timed(call: Callable[..., object], *args: object) -> Timed:
    """CPU seconds of one call, read from the kernel by the judge, never told by the worker, and its answer."""
    clock = current_learner().cpu_seconds if isinstance(call, RemoteFunction) else time.process_time
    began = clock()
    answer = call(*args)
    return Timed(clock() - began, answer)


def resident(value: T) -> T:
    """An argument that stays with the learner from call to call, so that changing it in place shows in the next answer.

    Arguments are otherwise copies by construction.
    """
    learner = current_learner(missing=None)
    return value if learner is None else cast("T", learner.keep(value))


class Model(Protocol):
    """A Keras model as a fact: rebuilt from configuration and weights where no learner's code runs."""

    def outputs(self) -> list[str]:
        """Names of the outputs, in order; one output without a name is 'output'."""

    def weights(self) -> list[Array]:
        """Every weight, in the model's order."""

    def trainable(self) -> list[bool]:
        """For every weight, whether training changes it."""

    def predict(self, inputs: Array, weights: list[Array] | None = None) -> Answers:
        """The outputs for a batch of inputs, with these weights in place of its own for this call."""


def rebuilt(model: object) -> Model:
    """Rebuild a learner's Keras model from data alone, from built-in Keras layers; ValueError for any other layer."""
    if isinstance(model, RemoteObject):
        return cast("Model", current_learner().rebuild(model))
    if not hasattr(model, "get_weights"):
        raise SaidNo(Reason("not_a_model"))
    return model_rebuilder.Rebuilt(*model_rebuilder.taken_apart(model))
