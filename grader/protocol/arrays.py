"""Arrays on the wire: which types may cross, and what native code will trust in their bytes.

A type crosses by one of the names below and by no other, so numpy never reads a text that a learner wrote.
Everything is little-endian, and in these words of memory numpy and pandas find nothing that they don't expect.
"""

import datetime as dt
from typing import Any

import numpy as np

from grader.protocol.caps import WireError

Array = np.ndarray[Any, np.dtype[Any]]

LONGEST = 4096
"""Characters of one text in an array."""
_DAY = {"D": 1, "s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
"""The units of time that may cross, and how many of each make a day."""
_NUMBERS = "|b1 |i1 <i2 <i4 <i8 |u1 <u2 <u4 <u8 <f2 <f4 <f8 <c8 <c16".split()
_TIMES = [f"<{kind}8[{unit}]" for kind in "Mm" for unit in _DAY]
_TYPES = {name: np.dtype(name) for name in (*_NUMBERS, *_TIMES)}
_EPOCH = dt.date(1970, 1, 1).toordinal()
_FIRST, _PAST = 1 - _EPOCH, dt.date.max.toordinal() + 1 - _EPOCH
"""Days from 1970 to the first of year 1, and to the first of year 10,000."""
_NOT_A_TIME = -(1 << 63)
_LAST_CODE_POINT, _SURROGATES = 0x10FFFF, (0xD800, 0xDFFF)


def named(name: Any) -> np.dtype[Any]:
    """The type of this name. Raises WireError if it isn't one that may cross, written as the encoder writes it."""
    if type(name) is str:
        if name in _TYPES:
            return _TYPES[name]
        length = name.removeprefix("<U")
        if length != name and len(length) <= len(str(LONGEST)) and length.isascii() and length.isdecimal():
            characters = int(length)
            if str(characters) == length and 0 < characters <= LONGEST:
                return np.dtype((np.str_, characters))
    raise WireError("array_type_unknown")


def name_of(dtype: np.dtype[Any]) -> str:
    """The name under which arrays of this type cross, in whatever order their bytes are. Raises WireError."""
    if dtype.kind == "U":
        characters = max(1, dtype.itemsize // 4)  # of no character at all: one can hold it too
        if characters <= LONGEST:
            return f"<U{characters}"
    elif dtype.kind in "biufcMm" and (name := dtype.newbyteorder("<").str) in _TYPES:
        return name
    raise WireError("array_type_cannot_cross", type=str(dtype))


def checked(array: Array) -> Array:
    """The array, if whoever reads it finds what the type promises. Raises WireError. The array is in one piece."""
    kind, raw = array.dtype.kind, array.reshape(-1)
    if not raw.size:
        return array
    if kind == "b" and raw.view(np.uint8).max() > 1:
        raise WireError("booleans_cannot_cross")
    if kind == "U":
        points = raw.view("<u4")
        if points.max() > _LAST_CODE_POINT or ((points >= _SURROGATES[0]) & (points <= _SURROGATES[1])).any():
            raise WireError("text_cannot_cross")
    if kind in "Mm":
        _check_times(raw)
    return array


def _check_times(raw: Array) -> None:
    """Dates of the years 1 to 9999, and times between two of them: others overflow in datetime and in pandas."""
    unit, _ = np.datetime_data(raw.dtype)
    first, last = (_FIRST, _PAST) if raw.dtype.kind == "M" else (_FIRST - _PAST, _PAST - _FIRST)
    # in nanoseconds all that there is lies within
    low, high = max(first * _DAY[unit], _NOT_A_TIME + 1), min(last * _DAY[unit] - 1, (1 << 63) - 1)
    numbers = raw.view(np.int64)
    if ((numbers != _NOT_A_TIME) & ((numbers < low) | (numbers > high))).any():
        raise WireError("times_cannot_cross")
