"""What hypothesis draws for a property with a seed."""

import contextlib
from typing import Any

import hypothesis
import pytest
from hypothesis.errors import HypothesisException

from grader.banks import codec
from grader.protocol.errors import reason_of
from grader.protocol.wire import WireError
from grader.sentences import ENGLISH


def is_property(item: pytest.Item) -> bool:
    """Whether pytest collected a test that is given drawn examples."""
    return isinstance(item, pytest.Function) and bool(hypothesis.is_hypothesis_test(item.obj))


def draw(item: pytest.Function, seed: int) -> tuple[list[bytes], str]:
    """The examples, encoded, in the order of drawing; or none, and why the property has to be left to hypothesis."""
    if item.fixturenames:
        return [], f"it wants {', '.join(item.fixturenames)}"
    function, inner = item.obj, item.obj.hypothesis.inner_test
    records = codec.records_of(inner)
    drawn: list[bytes] = []
    refused: list[WireError] = []

    def keep(*args: Any, **kwargs: Any) -> None:
        if refused:
            return
        try:
            drawn.append(codec.encode(codec.Example(args, kwargs), records))
        except WireError as error:
            refused.append(error)

    hypothesis.seed(seed)(function)
    function.hypothesis.inner_test = keep
    try:
        with contextlib.suppress(HypothesisException):  # it will be told when the check runs
            function()
    finally:
        function.hypothesis.inner_test = inner
    return ([], ENGLISH.sentence(reason_of(refused[0]))) if refused else (drawn, "")
