"""Bytes read as choices: a fuzzer that changes a byte changes one decision, and the frame stays almost true."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
EDGES = (
    *(0, 1, -1, 2, 5, 127, -128, 255, 1 << 15, (1 << 31) - 1, 1 << 31, -(1 << 31), (1 << 32) - 1, 1 << 32),
    *(1 << 40, 1 << 53, 1 << 61, (1 << 62) - 1, 1 << 62, -(1 << 62), (1 << 63) - 1, -(1 << 63), -719_162, 2_932_897),
)
"""Integers at which something wraps, overflows or ends."""


_LIE, _EDGE = 240, 200
"""The bytes from which on there is one."""


class Choices:
    """Decisions, taken one after the other from bytes; after the last byte each is the first that there is."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def byte(self) -> int:
        """A number below 256."""
        self._at += 1
        return self._data[self._at - 1] if self._at <= len(self._data) else 0

    def below(self, limit: int) -> int:
        """A number below a limit of at most 256."""
        return self.byte() % limit

    def one_of(self, several: Sequence[T]) -> T:
        """One of several."""
        return several[self.below(len(several))]

    def lies(self) -> bool:
        """Whether to say what isn't so: one time in sixteen."""
        return self.byte() >= _LIE

    def edge(self) -> int:
        """An integer at which something ends."""
        return self.one_of(EDGES)

    def number(self) -> int:
        """A small number, or sometimes an edge."""
        choice = self.byte()
        return choice % 7 if choice < _EDGE else self.edge()

    def some(self, limit: int = 5) -> range:
        """As many turns as are to be taken."""
        return range(self.below(limit))
