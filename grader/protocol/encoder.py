"""From a value to the header and the buffers of a frame. What may cross stands in `wire`."""

import collections
import itertools
import struct
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from grader.protocol import arrays, frames
from grader.protocol.arrays import Array
from grader.protocol.caps import CAPS, Caps, WireError
from grader.protocol.codes import (
    ARRAY,
    BIG,
    BYTES,
    COMPLEX,
    DICT,
    FROZENSET,
    SCALAR,
    SET,
    TUPLE,
)

_PLAIN = frozenset((type(None), bool, float, str))

Lend = Callable[[Any], tuple[int, Any]]
"""Gives a value with no form of its own a code (OBJECT or CALLBACK) and a body, or ARRAY and the array that it really
is, or raises WireError."""


def refuse(value: Any) -> tuple[int, Any]:
    """Lend nothing."""
    raise WireError("type_cannot_cross", type=str(type(value).__name__))


class Encoder:
    """Turns one value into the parts of a frame."""

    def __init__(self, lend: Lend = refuse, caps: Caps = CAPS) -> None:
        self._lend, self._caps = lend, caps
        self._buffers: list[Array] = []
        self._pack = msgspec.msgpack.Encoder().encode

    def frame(self, value: Any) -> list[Any]:
        """The parts of a frame, ready to be sent one after the other."""
        try:
            header = self._pack(self.plain(value, self._caps.depth))
        except (RecursionError, UnicodeEncodeError, OverflowError) as error:
            raise WireError("value_cannot_cross", error=str(error)) from None
        total = sum(buffer.nbytes for buffer in self._buffers)
        if len(header) > self._caps.header or len(self._buffers) > self._caps.buffers or total > self._caps.total:
            raise WireError("value_too_large", bytes=len(header) + total)
        sizes = struct.pack(f"<{len(self._buffers)}Q", *(buffer.nbytes for buffer in self._buffers))
        head = frames.HEAD.pack(frames.MAGIC, len(self._buffers), len(header))
        raw = [buffer.reshape(-1).view(np.uint8).data for buffer in self._buffers if buffer.nbytes]
        return [head + header + sizes, *raw]

    def plain(self, value: Any, depth: int) -> Any:
        """The value in MessagePack's terms; exact types only, so a subclass of int isn't an int here."""
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind is int:
            return value if -(1 << 63) <= value < 1 << 64 else self._ext(BIG, _bytes_of(value), raw=True)
        if depth <= 0:
            raise WireError("value_too_deep")
        if kind is list:
            return value if _PLAIN.issuperset(map(type, value)) else [self.plain(item, depth - 1) for item in value]
        return self._extended(kind, value, depth - 1)

    def array(self, value: Array) -> list[Any]:
        """Set an array's bytes aside, little-endian and in one piece."""
        name = arrays.name_of(value.dtype)
        if value.ndim > self._caps.dimensions:
            raise WireError("dimensions_cannot_cross", dimensions=value.ndim)
        if value.nbytes > self._caps.total:  # that of a broadcast one is what it would be here
            raise WireError("value_too_large", bytes=value.nbytes)
        array = np.ascontiguousarray(value, dtype=arrays.named(name)).reshape(value.shape)
        self._buffers.append(arrays.checked(array))
        return [name, list(array.shape), len(self._buffers) - 1]

    def _ext(self, code: int, body: Any, *, raw: bool = False) -> msgspec.msgpack.Ext:
        return msgspec.msgpack.Ext(code, body if raw else self._pack(body))

    def _extended(self, kind: type, value: Any, depth: int) -> Any:
        if kind in _SEQUENCES:
            code = _SEQUENCES[kind]
            parts = itertools.chain.from_iterable(value.items()) if code == DICT else value
            return self._ext(code, [self.plain(item, depth) for item in parts])
        if kind in (bytes, complex):
            raw = value if kind is bytes else struct.pack("<dd", value.real, value.imag)
            return self._ext(BYTES if kind is bytes else COMPLEX, raw, raw=True)
        if kind is np.ndarray:
            return self._ext(ARRAY, self.array(value))
        if isinstance(value, np.generic):
            return self._ext(SCALAR, _scalar_bytes(value), raw=True)
        if kind.__module__.partition(".")[0] in ("pandas", "scipy"):
            from grader.protocol import tables  # noqa: PLC0415  only katas with tables pay for pandas

            if (table := tables.described(value)) is not None:
                code, body = table
                return self._ext(code, self.plain(body, depth))
        code, body = self._lend(value)
        return self.plain(body, depth) if code == ARRAY else self._ext(code, self.plain(body, depth))


_SEQUENCES = {
    tuple: TUPLE,
    set: SET,
    frozenset: FROZENSET,
    # whoever is asked for a dict may well count with one of these
    **dict.fromkeys((dict, collections.Counter, collections.defaultdict, collections.OrderedDict), DICT),
}


def _scalar_bytes(value: np.generic) -> bytes:
    name = arrays.name_of(value.dtype)
    return name.encode() + b" " + arrays.checked(np.array([value], arrays.named(name))).tobytes()


def _bytes_of(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "little", signed=True)
