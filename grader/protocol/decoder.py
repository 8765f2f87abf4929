"""From a frame's header and buffers to a value, in bounded time and memory. What may cross stands in `wire`."""

import math
import struct
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np

from grader.protocol import arrays
from grader.protocol.arrays import Array
from grader.protocol.caps import CAPS, DEPTH, Caps, WireError
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

_READY = frozenset((type(None), bool, float, str, int))
"""What MessagePack gives that needs nothing more done."""
_LARGEST_SIDE = 1 << 40
_LONGEST = 300
"""Characters of another library's complaint."""

Borrow = Callable[[int, Any], Any]


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
