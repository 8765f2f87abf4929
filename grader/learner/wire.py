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

from grader.learner import frames

Array = np.ndarray[Any, np.dtype[Any]]

ARRAY, SCALAR, TUPLE, SET, FROZENSET, DICT, BYTES, COMPLEX, BIG, FRAME, SERIES, CSR, OBJECT, CALLBACK = range(1, 15)
_PLAIN = frozenset((type(None), bool, float, str))
_READY = _PLAIN | {int}
"""What MessagePack gives that needs nothing more done."""
_DEPTH = 40
_KINDS = {"b": 1, "i": 8, "u": 8, "f": 8, "c": 16, "U": 1 << 14, "M": 8, "m": 8}
"""Kinds of array that may cross, and the largest item of each in bytes."""
_TIMES = ("s", "ms", "us", "ns", "D")
_LAST_CODE_POINT, _SURROGATES = 0x10FFFF, (0xD800, 0xDFFF)
_DTYPE_NAME = 16


class WireError(Exception):
    """The other side broke the protocol or passed a cap, or a value can't cross."""


class Caps(msgspec.Struct, frozen=True):
    """What a frame may hold."""

    header: int = 4 << 20
    total: int = 64 << 20
    buffers: int = 1024
    depth: int = _DEPTH
    extensions: int = 100_000
    keyed: int = 50_000
    """Keys of dicts and members of sets: their hashes can be made to collide, which costs the square."""
    hashed: int = 10_000
    """Those of them that are tuples or frozensets, whose collisions come for nothing."""
    big: int = 500
    """Integers beyond 64 bits, for the same reason."""
    digits: int = 512
    """Bytes of one such integer."""
    dimensions: int = 6
    """An array is shown by its first and last three of each dimension."""
    nothing: int = 1 << 20
    """Rows of an array that has no items: they take no bytes here, but in a list they would."""


CAPS = Caps()
Lend = Callable[[Any], tuple[int, Any]]
"""Gives a value with no form of its own a code (OBJECT or CALLBACK) and a body, or ARRAY and the array that it really
is, or raises WireError."""
Borrow = Callable[[int, Any], Any]


def refuse(value: Any) -> tuple[int, Any]:
    """Lend nothing."""
    raise WireError(f"a {type(value).__name__} can't cross")


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
            raise WireError(f"the value can't cross: {error}") from None
        total = sum(buffer.nbytes for buffer in self._buffers)
        if len(header) > self._caps.header or len(self._buffers) > self._caps.buffers or total > self._caps.total:
            raise WireError(f"the value is too large to cross ({len(header) + total:,} bytes)")
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
            raise WireError("the value is nested too deeply to cross")
        if kind is list:
            return value if _PLAIN.issuperset(map(type, value)) else [self.plain(item, depth - 1) for item in value]
        return self._extended(kind, value, depth - 1)

    def array(self, value: Array) -> list[Any]:
        """Set an array's bytes aside."""
        check_dtype(value.dtype)
        if value.ndim > self._caps.dimensions:
            raise WireError(f"an array of {value.ndim} dimensions can't cross")
        array = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<")).reshape(value.shape)
        self._buffers.append(array)
        return [array.dtype.str, list(array.shape), len(self._buffers) - 1]

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
            return self._ext(SCALAR, _scalar_bytes(np.asarray(value)), raw=True)
        if kind.__module__.partition(".")[0] in ("pandas", "scipy"):
            from grader.learner import tables  # noqa: PLC0415  only katas with tables pay for pandas

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
    for _ in range(_DEPTH):
        kind = plain | list[kind]
    return kind


_unpack = msgspec.msgpack.Decoder(_nested()).decode


class Decoder:
    """Turns the header and buffers of one frame into a value, or raises WireError in bounded time and memory."""

    def __init__(self, buffers: Sequence[Array], borrow: Borrow | None = None, caps: Caps = CAPS) -> None:
        self._buffers, self._borrow, self._caps = buffers, borrow, caps
        self._free = set(range(len(buffers)))
        self._extensions = self._keyed = self._hashed = self._big = 0

    def value(self, header: bytes | memoryview) -> Any:
        """The value."""
        try:
            # a tuple is two levels here: the extension, and the list in it
            return self._restored(_unpack(header), 2 * self._caps.depth)
        except WireError:
            raise
        except Exception as error:  # noqa: BLE001  msgspec's, numpy's and pandas' own complaints, RecursionError, MemoryError
            raise WireError(f"{type(error).__name__}: {error}"[:300]) from None

    def _restored(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind in _READY:
            return value
        if depth <= 0:
            raise WireError("nested too deeply")
        if kind is list:
            if _READY.issuperset(map(type, value)):
                return value
            return [self._restored(item, depth - 1) for item in value]
        return self._ext(value.code, value.data, depth - 1)

    def _ext(self, code: int, data: bytes, depth: int) -> Any:
        self._extensions += 1
        if self._extensions > self._caps.extensions:
            raise WireError("too many parts")
        if code == BYTES:
            return data
        if code == BIG:
            return self._integer(data)
        if code == SCALAR:
            return _scalar(data)
        if code == COMPLEX:
            return complex(*struct.unpack("<dd", data))
        return self._of(code, self._restored(_unpack(data), depth))

    def _of(self, code: int, body: Any) -> Any:
        if code == ARRAY:
            return self._array(body)
        if code in (TUPLE, SET, FROZENSET, DICT):
            return self._sequence(code, body)
        if code in (FRAME, SERIES, CSR):
            from grader.learner import tables  # noqa: PLC0415

            return tables.restored(code, body)
        if self._borrow is not None and code in (OBJECT, CALLBACK):
            return self._borrow(code, body)
        raise WireError(f"unknown type {code}")

    def _integer(self, data: bytes) -> int:
        self._big += 1
        if len(data) > self._caps.digits or self._big > self._caps.big:
            raise WireError("integers too large, or too many of them")
        return int.from_bytes(data, "little", signed=True)

    def _sequence(self, code: int, body: Any) -> Any:
        if type(body) is not list:
            raise WireError("a sequence is a list on the wire")
        if code == TUPLE:
            return tuple(body)
        keys = body[::2] if code == DICT else body
        self._keyed += len(keys)
        self._hashed += sum(type(key) not in _READY for key in keys)
        if self._keyed > self._caps.keyed or self._hashed > self._caps.hashed:
            raise WireError("too many keys of dicts, or members of sets")
        if code == DICT:
            return dict(zip(keys, body[1::2], strict=True))
        return (set if code == SET else frozenset)(body)

    def _array(self, body: Any) -> Array:
        name, shape, number = body
        if type(name) is not str or len(name) > _DTYPE_NAME or type(number) is not int or number not in self._free:
            raise WireError("not an array")
        dtype = np.dtype(name)
        check_dtype(dtype)
        if type(shape) is not list or len(shape) > self._caps.dimensions:
            raise WireError("not a shape")
        if not all(type(side) is int and 0 <= side < 1 << 40 for side in shape):
            raise WireError("not a shape")
        if math.prod(side or 1 for side in shape) > self._caps.nothing and (0 in shape or dtype.itemsize == 0):
            raise WireError("not a shape")
        self._free.discard(number)
        raw = self._buffers[number]
        if math.prod(shape) * dtype.itemsize != raw.nbytes:
            raise WireError("the shape doesn't match the bytes")
        _check_contents(dtype, raw)
        return raw.view(dtype).reshape(shape) if raw.nbytes else np.empty(shape, dtype)


def _scalar_bytes(value: Array) -> bytes:
    check_dtype(value.dtype)
    value = value.astype(value.dtype.newbyteorder("<"))
    return value.dtype.str.encode() + b" " + value.tobytes()


def _scalar(data: bytes) -> Any:
    name, _, held = data.partition(b" ")
    if len(name) > _DTYPE_NAME:
        raise WireError("not a scalar")
    dtype = np.dtype(name.decode())
    check_dtype(dtype)
    if len(held) != dtype.itemsize:
        raise WireError("the type doesn't match the bytes")
    _check_contents(dtype, np.frombuffer(held, np.uint8))
    return np.frombuffer(held, dtype)[0] if held else np.zeros((), dtype)[()]


def check_dtype(dtype: np.dtype[Any]) -> None:
    """Refuse what isn't numbers, booleans, fixed-width text or times."""
    if dtype.kind not in _KINDS or dtype.itemsize > _KINDS[dtype.kind] or dtype.hasobject or dtype.subdtype:
        raise WireError(f"an array of {dtype} can't cross")
    if dtype.itemsize == 0 and dtype.kind != "U":
        raise WireError("an array of nothing can't cross")
    if dtype.kind in "Mm" and np.datetime_data(dtype) not in [(unit, 1) for unit in _TIMES]:
        raise WireError(f"an array of {dtype} can't cross")


def _check_contents(dtype: np.dtype[Any], raw: Array) -> None:
    # numpy trusts these bytes: a boolean of 7 or a code point past the last one raises SystemError, or worse.
    if dtype.kind == "b" and raw.size and raw.max() > 1:
        raise WireError("not booleans")
    if dtype.kind == "U" and raw.size:
        points = raw.view("<u4")
        if points.max() > _LAST_CODE_POINT or ((points >= _SURROGATES[0]) & (points <= _SURROGATES[1])).any():
            raise WireError("not text")


def _bytes_of(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "little", signed=True)
