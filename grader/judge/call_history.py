"""The calls of one example, as the message of a failed check may show them."""

from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

_MOST = 40
"""Calls that are remembered."""
_WEIGHT = 1 << 29
"""Bytes of answers that are remembered."""
_NONE: Any = object()


class Call(NamedTuple):
    """One call of the learner's code."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    answer: Any = _NONE
    """The value or the exception that came back."""
    weight: int = 0
    """Bytes that the answer may take."""
    on: "Call | None" = None
    """For a method: the call that returned its object."""

    @property
    def answered(self) -> bool:
        """Whether anything came back."""
        return self.answer is not _NONE


class CallHistory:
    """The last calls, the oldest first. Older ones are dropped when their answers take too much memory."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=_MOST)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls)

    @property
    def last(self) -> Call:
        """The call that was begun last."""
        return self._calls[-1]

    def begin(self, call: Call) -> None:
        """Add a call that is about to be made."""
        self._calls.append(call)

    def answer(self, answer: Any, weight: int = 0) -> None:
        """Keep what came back from the last call."""
        self._calls[-1] = self._calls[-1]._replace(answer=answer, weight=weight)
        while len(self._calls) > 1 and sum(call.weight for call in self._calls) > _WEIGHT:
            self._calls.popleft()

    def forget(self) -> None:
        """Drop all calls."""
        self._calls.clear()
