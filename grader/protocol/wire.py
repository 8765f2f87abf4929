"""Frames between judge and worker: which values may cross, and how.

A frame is a fixed head, a MessagePack header, a table of buffer sizes, and raw buffers (arrays cross without a copy).
What MessagePack lacks is an Ext whose body is again MessagePack. So are dicts, because a decoder that meets a map makes
keys of whatever stands there, in a time that grows with the square. No pickle, no object arrays, no code. Everything
arrives as plain values of exact built-in, numpy, pandas or scipy types, so an object that claims to equal everything
never reaches a check; every cap is held before memory is taken or time spent.
"""

import collections
import itertools
import math
import struct
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np

from grader.protocol import arrays, frames
from grader.protocol.arrays import Array
from grader.protocol.caps import CAPS, DEPTH, TRUSTED, Caps, WireError
from grader.protocol.codes import (
    ARRAY,
    BIG,
    BYTES,
    CALLBACK,
    COMPLEX,
    CSR,
    DICT,
    FRAME,
    FROZENSET,
    OBJECT,
    SCALAR,
    SERIES,
    SET,
    TUPLE,
)

__all__ = [
    "ARRAY",
    "BIG",
    "BYTES",
    "CALLBACK",
    "CAPS",
    "COMPLEX",
    "CSR",
    "DICT",
    "FRAME",
    "FROZENSET",
    "OBJECT",
    "SCALAR",
    "SERIES",
    "SET",
    "TRUSTED",
    "TUPLE",
    "Caps",
    "Decoder",
    "Encoder",
    "WireError",
    "refuse",
]  # fmt: skip

_PLAIN = frozenset((type(None), bool, float, str))
_READY = _PLAIN | {int}
"""What MessagePack gives that needs nothing more done."""
_LARGEST_SIDE = 1 << 40
_LONGEST = 300
"""Characters of another library's complaint."""

Lend = Callable[[Any], tuple[int, Any]]
"""Gives a value with no form of its own a code (OBJECT or CALLBACK) and a body, or ARRAY and the array that it really
is, or raises WireError."""
Borrow = Callable[[int, Any], Any]


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


def _nested() -> Any:
    """The type of what is unpacked: plain values and extensions in lists in lists; no map, no timestamp."""
    plain = None | bool | int | float | str | msgspec.msgpack.Ext
    kind: Any = plain
    for _ in range(DEPTH):
        kind = plain | list[kind]
    return kind


_unpack = msgspec.msgpack.Decoder(_nested()).decode


class Decoder:
    """Turns the header and buffers of one frame into a value, or raises WireError in bounded time and memory."""

    def __init__(self, buffers: Sequence[Array], borrow: Borrow | None = None, caps: Caps = CAPS) -> None:
        self._buffers, self._borrow, self._caps = buffers, borrow, caps
        self._free = set(range(len(buffers)))
        self._extensions = self._keyed = self._hashed = self._parts = self._indexed = self._big = 0

    def value(self, header: bytes | memoryview) -> Any:
        """The value."""
        try:
            # a tuple is two levels here: the extension, and the list in it
            return self._restored(_unpack(header), 2 * self._caps.depth)
        except WireError:
            raise
        except Exception as error:  # noqa: BLE001  msgspec's, numpy's and pandas' own complaints, RecursionError, MemoryError
            raise WireError("not_a_message", type=type(error).__name__, error=str(error)[:_LONGEST]) from None

    def _restored(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind in _READY:
            return value
        if depth <= 0:
            raise WireError("nested_too_deeply")
        if kind is list:
            if _READY.issuperset(map(type, value)):
                return value
            return [self._restored(item, depth - 1) for item in value]
        return self._ext(value.code, value.data, depth - 1)

    def _ext(self, code: int, data: bytes, depth: int) -> Any:
        self._extensions += 1
        if self._extensions > self._caps.extensions:
            raise WireError("too_many_parts")
        if code == BYTES:
            return data
        if code == BIG:
            return self._integer(data)
        if code == SCALAR:
            return self._scalar(data)
        if code == COMPLEX:
            self._count(1)
            return complex(*struct.unpack("<dd", data))
        return self._of(code, self._restored(_unpack(data), depth))

    def _of(self, code: int, body: Any) -> Any:
        if code == ARRAY:
            return self._array(body)
        if code in (TUPLE, SET, FROZENSET, DICT):
            return self._sequence(code, body)
        if code in (FRAME, SERIES, CSR):
            from grader.protocol import tables  # noqa: PLC0415

            return tables.restored(code, body, self._count_indexed)
        if self._borrow is not None and code in (OBJECT, CALLBACK):
            return self._borrow(code, body)
        raise WireError("type_unknown", number=code)

    def _integer(self, data: bytes) -> int:
        self._big += 1
        if len(data) > self._caps.digits or self._big > self._caps.big:
            raise WireError("integers_too_large")
        return int.from_bytes(data, "little", signed=True)

    def _sequence(self, code: int, body: Any) -> Any:
        if type(body) is not list:
            raise WireError("not_a_sequence")
        if code in (TUPLE, FROZENSET):
            self._count(1, len(body))
        if code == TUPLE:
            return tuple(body)
        keys = body[::2] if code == DICT else body
        self._keyed += len(keys)
        if self._keyed > self._caps.keyed:
            raise WireError("too_many_keys")
        if code == DICT:
            return dict(zip(keys, body[1::2], strict=True))
        return (set if code == SET else frozenset)(body)

    def _count(self, many: int, parts: int = 0) -> None:
        """Count what may have the same hash as any other. A check may make a set of it, so it doesn't matter where."""
        self._hashed += many
        self._parts += parts
        if self._hashed > self._caps.hashed or self._parts > self._caps.parts:
            raise WireError("too_many_tuples")

    def _count_indexed(self, many: int) -> None:
        self._indexed += many
        if self._indexed > self._caps.indexed:
            raise WireError("too_many_categories")

    def _array(self, body: Any) -> Array:
        name, shape, number = body
        if type(number) is not int or number not in self._free:
            raise WireError("not_an_array")
        dtype = arrays.named(name)
        if type(shape) is not list or len(shape) > self._caps.dimensions:
            raise WireError("not_a_shape")
        if not all(type(side) is int and 0 <= side < _LARGEST_SIDE for side in shape):
            raise WireError("not_a_shape")
        if 0 in shape and math.prod(side or 1 for side in shape) > self._caps.nothing:
            raise WireError("not_a_shape")
        self._free.discard(number)
        raw = self._buffers[number]
        if math.prod(shape) * dtype.itemsize != raw.nbytes:
            raise WireError("shape_of_other_bytes")
        return arrays.checked(raw.view(dtype).reshape(shape) if raw.nbytes else np.empty(shape, dtype))

    def _scalar(self, data: bytes) -> Any:
        name, _, held = data.partition(b" ")
        dtype = arrays.named(name.decode("ascii"))
        if len(held) != dtype.itemsize:
            raise WireError("type_of_other_bytes")
        self._count(dtype.kind == "c")
        return arrays.checked(np.frombuffer(held, dtype))[0]


def _scalar_bytes(value: np.generic) -> bytes:
    name = arrays.name_of(value.dtype)
    return name.encode() + b" " + arrays.checked(np.array([value], arrays.named(name))).tobytes()


def _bytes_of(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "little", signed=True)
