"""Running a property on its bank: the first example that fails is small already, and comes at once."""

import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from hypothesis.errors import UnsatisfiedAssumption

from grader.banks import codec
from grader.banks.codec import Example, Records
from grader.learner.errors import WorkerLost

CALLS = 400
SECONDS = 3.0
"""What hypothesis may spend on looking for a smaller example, for somebody who practises."""


class Banked(NamedTuple):
    """A property's examples, simplest first."""

    examples: list[bytes]
    decoded: list[Example]
    records: Records
    known: frozenset[bytes]
    """Those that shipped: shrunk already."""


def banked(shipped: Sequence[bytes], drawn: Sequence[bytes], records: Records) -> Banked:
    """Put shipped and drawn examples together."""
    examples = codec.simplest_first([*shipped, *drawn])
    return Banked(examples, [codec.decode(each, records) for each in examples], records, frozenset(shipped))


def replay(function: Any, bank: Banked, *, shrink: bool, clock: Callable[[], float] = time.process_time) -> None:
    """Run a property on its bank.

    Raises what the test raises, on the simplest example that fails or, where that was drawn and `shrink` is wished, on
    the simplest that hypothesis finds within its budget; `clock` tells the seconds spent.
    """
    inner = function.hypothesis.inner_test
    for data, example in zip(bank.examples, bank.decoded, strict=True):
        try:
            inner(*example.args, **example.kwargs)
        except UnsatisfiedAssumption:
            continue
        except Exception:
            if not shrink or data in bank.known:
                raise
        else:
            continue
        smaller = codec.decode(_shrunk(function, data, bank.records, clock), bank.records)
        inner(*smaller.args, **smaller.kwargs)
        raise AssertionError("the same call gave different answers")


def _shrunk(function: Any, failing: bytes, records: Records, clock: Callable[[], float]) -> bytes:
    """The smallest failing example that hypothesis finds within its budget; the one given, if it finds none."""
    inner, smallest, began, calls = function.hypothesis.inner_test, failing, clock(), 0

    def counted(*args: Any, **kwargs: Any) -> None:
        nonlocal smallest, calls
        calls += 1
        if calls > CALLS or clock() - began > SECONDS:
            raise _Enough
        data = codec.encode(Example(args, kwargs), records)
        try:
            inner(*args, **kwargs)
        except UnsatisfiedAssumption:
            raise
        except Exception:
            smallest = data  # shrinking goes from each to a simpler one
            raise

    function.hypothesis.inner_test = counted
    try:
        with contextlib.suppress(
            _Enough, WorkerLost, Exception
        ):  # the budget, or the failure, which will be seen again
            function()
    finally:
        function.hypothesis.inner_test = inner
    return min(smallest, failing, key=len)


class _Enough(BaseException):  # hypothesis lets it pass, as it does Ctrl-C
    """The budget is used up."""
