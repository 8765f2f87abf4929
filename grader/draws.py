"""A property's examples, drawn once for a seed and replayed on every submission: drawing costs more than judging.

A check stays a plain `@given` test. Where an example fails, hypothesis runs the test as it always does, with the same
seed, and shrinks what it finds. Checks that want fixtures are left to hypothesis.
"""

import contextlib
from collections.abc import Callable
from typing import Any, NamedTuple

import hypothesis
import pytest
from hypothesis.errors import HypothesisException, UnsatisfiedAssumption


class Example(NamedTuple):
    """The arguments of one run of a property."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def draw(item: pytest.Item, seed: int) -> list[Example]:
    """The examples that hypothesis draws for a property with this seed; none for anything else."""
    if not (isinstance(item, pytest.Function) and hypothesis.is_hypothesis_test(item.obj)) or item.fixturenames:
        return []
    drawn: list[Example] = []
    function, inner = item.obj, item.obj.hypothesis.inner_test
    hypothesis.seed(seed)(function)
    function.hypothesis.inner_test = lambda *args, **kwargs: drawn.append(Example(args, kwargs))
    try:
        with contextlib.suppress(HypothesisException):  # it will be told when the check runs
            function()
    finally:
        function.hypothesis.inner_test = inner
    return drawn


def replay(function: Any, examples: list[Example], *, shrink: bool) -> None:
    """Run a property on examples drawn before.

    Raises what the test raises, on the smallest example that hypothesis finds or, unless told to shrink, on the first.
    """
    inner = function.hypothesis.inner_test
    failing = next((example for example in examples if _fails(inner, example)), None)
    if failing is None:
        return
    if shrink:
        function()
    # Hypothesis, which learns from what passes, went another way, or the answer has changed.
    inner(*failing.args, **failing.kwargs)
    raise AssertionError("the same call gave different answers")


def _fails(inner: Callable[..., None], example: Example) -> bool:
    try:
        inner(*example.args, **example.kwargs)
    except UnsatisfiedAssumption:
        return False
    except Exception:  # noqa: BLE001  whatever it is, hypothesis will find it, or it is raised again
        return True
    return False
