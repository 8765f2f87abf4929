"""Running a property on its bank: the first example that fails is small already, and comes at once."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from hypothesis.errors import UnsatisfiedAssumption

from grader.banks import codec
from grader.banks.codec import Example, Records
from grader.model import Reason
from grader.protocol.errors import SaidNo, WorkerLost


class Budget(NamedTuple):
    """What hypothesis may spend on looking for a smaller example, once there is one that fails."""

    calls: int
    seconds: float


PRACTICE = Budget(400, 3.0)
AUDIT = Budget(3000, 20.0)


class Banked(NamedTuple):
    """A property's examples, simplest first."""

    examples: list[bytes]
    decoded: list[Example]
    records: Records
    known: frozenset[bytes]
    """Those that shipped: shrunk already."""

    def runs(self, inner: Callable[..., Any]) -> list[Callable[[], Any]]:
        """A run of the property's test on each example."""
        return [partial(inner, *example.args, **example.kwargs) for example in map(self._fresh, self.examples)]

    def _fresh(self, data: bytes) -> Example:
        return codec.decode(data, self.records)


def banked(shipped: Sequence[bytes], drawn: Sequence[bytes], records: Records) -> Banked:
    """Put shipped and drawn examples together."""
    examples = codec.simplest_first([*shipped, *drawn])
    return Banked(examples, [codec.decode(each, records) for each in examples], records, frozenset(shipped))


def replay(
    function: Any,
    bank: Banked,
    *,
    shrink: bool,
    clock: Callable[[], float] = time.process_time,
    begin: Callable[[int], None] = lambda _: None,
) -> None:
    """Run a property on its bank; `begin` is told the number of each example.

    Raises what the test raises, on the simplest example that fails or, where that was drawn and `shrink` is wished, on
    the simplest that hypothesis finds within its budget; `clock` tells the seconds spent.
    """
    inner = function.hypothesis.inner_test
    for number, (data, example) in enumerate(zip(bank.examples, bank.decoded, strict=True)):
        begin(number)
        try:
            inner(*example.args, **example.kwargs)
        except UnsatisfiedAssumption:
            continue
        except Exception:
            if not shrink or data in bank.known:
                raise
        else:
            continue
        begin(len(bank.examples))
        found = _hunted(function, bank.records, clock, PRACTICE, data)
        smaller = codec.decode(min(found or data, data, key=len), bank.records)
        inner(*smaller.args, **smaller.kwargs)
        raise SaidNo(Reason("different_answers"))


def hunt(function: Any, records: Records, clock: Callable[[], float] = time.process_time) -> None:
    """Run a property by hypothesis, which shrinks what fails within an audit's budget. Raises what the test raises."""
    if (found := _hunted(function, records, clock, AUDIT)) is not None:
        smallest = codec.decode(found, records)
        function.hypothesis.inner_test(*smallest.args, **smallest.kwargs)


def _hunted(
    function: Any, records: Records, clock: Callable[[], float], budget: Budget, known: bytes | None = None
) -> bytes | None:
    """The smallest failing example that hypothesis finds within the budget; None if it finds none."""
    inner = function.hypothesis.inner_test
    hunt = _Hunt(inner, records, clock, budget, known)
    function.hypothesis.inner_test = lambda *args, **kwargs: hunt.run(*args, **kwargs)  # noqa: PLW0108  wants a function
    try:
        function()
    except (_Enough, WorkerLost, Exception):
        if hunt.smallest is None:
            raise
        # the failure will be seen again
    finally:
        function.hypothesis.inner_test = inner
    return hunt.smallest


class _Hunt:
    """A property's test that keeps what fails; shrinking goes from each such example to a simpler one."""

    def __init__(
        self, inner: Any, records: Records, clock: Callable[[], float], budget: Budget, known: bytes | None
    ) -> None:
        self._inner, self._records, self._clock, self._budget = inner, records, clock, budget
        self.smallest = known
        self._began, self._calls = clock(), 0

    def run(self, *args: Any, **kwargs: Any) -> None:
        """Run one example."""
        if self.smallest is not None:
            self._calls += 1
            if self._calls > self._budget.calls or self._clock() - self._began > self._budget.seconds:
                raise _Enough
        data = codec.encode(Example(args, kwargs), self._records)
        try:
            self._inner(*args, **kwargs)
        except UnsatisfiedAssumption:
            raise
        except Exception:
            if self.smallest is None:
                self._began = self._clock()
            self.smallest = data
            raise


class _Enough(BaseException):  # hypothesis lets it pass, as it does Ctrl-C
    """The budget is used up."""
