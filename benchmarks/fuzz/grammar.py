"""Frames with parts that lie: whole as a frame, and wrong in a type, a length, a number or a label."""

import struct
from typing import Any

import msgspec
import numpy as np

from benchmarks.fuzz.choices import Choices
from grader.protocol import frames, wire

Parts = tuple[bytes, list[Any]]
"""The header and the buffers of a frame."""
_packed = msgspec.msgpack.encode
_NAMES = (
    *"|b1 |i1 <i2 <i4 <i8 |u1 <u2 <u4 <u8 <f2 <f4 <f8 <c8 <c16 <U1 <U3 <M8[D] <M8[s] <M8[ns] <m8[D] <m8[ns]".split(),
    *">i4 >i8 >U1 >M8[s] <U0 |V8 |O <f16 <M8 <M8[Y] <M8[7D] i4 =i8 int64 <i4,<i4 <U99999".split(),
)
_HONEST = 21
"""So many of these names may cross."""
_INDEX = "<i4 <i8 <i4 <i8 |i1 <i2 <u4 <u8 >i4 >i8 <f8 |b1".split()
_TEXTS = ("", "a", "b", "ab", "é", "\0", "x" * 40, "nan", "2026-01-31")


class Grammar:
    """Makes one frame of choices."""

    def __init__(self, choices: Choices) -> None:
        self._take, self._buffers = choices, list[Any]()

    def frame(self) -> Parts:
        """A frame with one value."""
        return _packed(self.value(4)), self._buffers

    def value(self, depth: int) -> Any:
        """Any value."""
        makers = [self._plain, self._array, self._scalar, self._csr, self._series, self._frame, self._noise]
        if depth:
            makers += [lambda: self._sequence(depth)] * 4
        return self._take.one_of(makers)()

    def _ext(self, code: int, body: Any) -> msgspec.msgpack.Ext:
        return msgspec.msgpack.Ext(code, body if isinstance(body, bytes) else _packed(body))

    def _plain(self) -> Any:
        kind = self._take.below(8)
        if kind == 0:
            return self._take.one_of((None, True, False, 0.0, -0.0, 1.5, float("nan"), float("inf"), 1e308, 2.0**61))
        if kind == 1:
            return self._take.one_of(_TEXTS)
        if kind == 2:  # noqa: PLR2004
            return self._ext(wire.COMPLEX, struct.pack("<dd", self._take.number(), self._take.number()))
        if kind == 3:  # noqa: PLR2004
            return self._ext(wire.BIG, bytes([self._take.byte()]) * self._take.byte())
        if kind == 4:  # noqa: PLR2004
            return self._ext(wire.BYTES, bytes([self._take.byte()]) * self._take.below(9))
        return self._take.number()

    def _cells(self, many: int) -> list[Any]:
        kinds = (self._take.number, lambda: self._take.one_of((*_TEXTS, None)), self._plain)
        kind = self._take.one_of(kinds)
        return [kind() for _ in range(many)]

    def _sequence(self, depth: int) -> Any:
        code = self._take.one_of((0, wire.TUPLE, wire.SET, wire.FROZENSET, wire.DICT))
        body = [self.value(depth - 1) for _ in self._take.some(6)]
        if code == wire.DICT:
            body = [part for item in body for part in (self._plain(), item)]
        return self._ext(code, body) if code else body

    def _numbers(self, numbers: list[int], names: list[str] | tuple[str, ...]) -> Any:
        """An array of integers by one of these names, one of them now and then another."""
        name = self._take.one_of(names)
        if numbers and self._take.lies():
            numbers[self._take.below(len(numbers))] = self._take.edge()
        size = np.dtype(name).itemsize
        raw = b"".join((each & ((1 << 8 * size) - 1)).to_bytes(size, "little") for each in numbers)
        return self._held(name, [len(numbers) + self._take.lies()], raw)

    def _held(self, name: str, shape: list[int], raw: bytes) -> Any:
        self._buffers.append(np.frombuffer(raw, np.uint8).copy())
        number = self._take.below(9) if self._take.lies() else len(self._buffers) - 1
        return self._ext(wire.ARRAY, [name, shape, number])

    def _name(self) -> str:
        return self._take.one_of(_NAMES if self._take.lies() else _NAMES[:_HONEST])

    def _bytes_for(self, name: str, many: int) -> bytes:
        """Content as the type has it, or any other."""
        digits = "".join(each for each in name.partition("[")[0] if each.isdigit())
        size = min(int(digits or 8), 99) * (4 if "U" in name else 1)
        kind = self._take.below(4)
        if kind == 0:
            return bytes([self._take.below(2), *bytes(max(0, size - 1))])[:size] * many
        if kind == 1 and size >= 8:  # noqa: PLR2004
            return struct.pack("<q", self._take.edge()).ljust(size, b"\0")[:size] * many
        if kind == 2:  # noqa: PLR2004
            return struct.pack("<d", self._take.number()).ljust(size, b"\0")[-size:] * many if size else b""
        return bytes(self._take.byte() if self._take.lies() else 0 for _ in range(size)) * many

    def _array(self) -> Any:
        name = self._name()
        shape = [self._take.below(4) for _ in self._take.some(4)]
        many = 1
        for side in shape:
            many *= side
        if shape and self._take.lies():
            shape[0] = self._take.edge()
        return self._held(name, shape, self._bytes_for(name, many))

    def _column_array(self, many: int) -> Any:
        name = self._name()
        return self._held(name, [many], self._bytes_for(name, many))

    def _scalar(self) -> Any:
        name = self._name()
        return self._ext(wire.SCALAR, name.encode() + b" " + self._bytes_for(name, 1))

    def _csr(self) -> Any:
        rows, columns = self._take.below(6), self._take.below(6)
        each = [self._take.below(4) if columns else 0 for _ in range(rows)]
        pointers = [sum(each[:row]) for row in range(rows + 1)]
        indices = [self._take.below(columns or 1) for _ in range(pointers[-1])]
        shape = [self._take.number() if self._take.lies() else side for side in (rows, columns)]
        parts = [
            self._column_array(len(indices) + self._take.lies()),
            self._numbers(indices, _INDEX if self._take.lies() else _INDEX[:2]),
            self._numbers(pointers, _INDEX if self._take.lies() else _INDEX[:2]),
        ]
        return self._ext(wire.CSR, [self._take.one_of(("csr_matrix", "csr_array")), shape, *parts])

    def _series(self) -> Any:
        rows = self._take.below(5)
        return self._ext(wire.SERIES, [self._label(), self._index(rows), self._column(self._near(rows))])

    def _frame(self) -> Any:
        rows, columns = self._take.below(5), self._take.below(4)
        width = self._take.below(3)
        labels = [self._title(width) for _ in range(columns + self._take.lies())]
        names = [self._label() for _ in range(self._take.below(3) if self._take.lies() else max(1, width))]
        body = [self._column(self._near(rows)) for _ in range(columns)]
        return self._ext(wire.FRAME, [labels, names, self._index(rows), body])

    def _near(self, many: int) -> int:
        return many + (self._take.lies() and self._take.below(3))

    def _label(self) -> Any:
        return self.value(1) if self._take.lies() else self._take.one_of((None, "a", "b", 0, 1, 2.5))

    def _title(self, width: int) -> Any:
        if not width:
            return self._label()
        return self._ext(wire.TUPLE, [self._label() for _ in range(self._near(width))])

    def _index(self, rows: int) -> Any:
        kind = self._take.one_of(("range", "column", "levels"))
        if kind == "range":
            ends = [0, rows, 1]
            if self._take.lies():
                ends[self._take.below(3)] = self._take.edge()
            return [kind, ends, self._label()]
        if kind == "levels":
            levels = [self._column(self._near(rows)) for _ in range(1 + self._take.below(3))]
            return [kind, levels, [self._label() for _ in range(self._near(len(levels)))]]
        return [kind, self._column(self._near(rows)), self._label()]

    def _column(self, many: int) -> Any:
        kind = self._take.one_of(("array", "object", "text", "category"))
        if kind == "array":
            return [kind, self._column_array(many)]
        if kind == "category":
            codes = [self._take.below(3) - 1 for _ in range(many)]
            names = _INDEX if self._take.lies() else _INDEX[:2]
            return [kind, self._numbers(codes, names), self._column(2 + self._take.below(2)), self._take.byte() > 127]  # noqa: PLR2004
        cells = [self._take.one_of((*_TEXTS, None)) for _ in range(many)]
        return [kind, self._cells(many) if kind == "object" or self._take.lies() else cells]

    def _noise(self) -> Any:
        return self._ext(self._take.byte() % 24, bytes(self._take.byte() for _ in self._take.some(12)))


def frame_of(parts: Parts) -> bytes:
    """The bytes of a frame with these parts."""
    header, buffers = parts
    sizes = struct.pack(f"<{len(buffers)}Q", *(buffer.nbytes for buffer in buffers))
    head = frames.HEAD.pack(frames.MAGIC, len(buffers), len(header))
    return head + header + sizes + b"".join(buffer.tobytes() for buffer in buffers)
