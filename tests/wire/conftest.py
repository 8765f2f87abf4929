"""What the tests of the wire share: a value's way across, and a comparison that overlooks nothing."""

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.protocol import wire
from grader.protocol.frames import HEAD


def _parts_of(value: Any, caps: wire.Caps = wire.CAPS) -> tuple[bytes, list[Any]]:
    """Header and buffers of a frame, as a channel would give them."""
    first, *raw = wire.Encoder(caps=caps).frame(value)
    _, count, length = HEAD.unpack_from(first)
    sizes = struct.unpack_from(f"<{count}Q", first, HEAD.size + length)
    sent = b"".join(bytes(part) for part in raw)
    buffers, at = [], 0
    for size in sizes:
        buffers.append(np.frombuffer(sent[at : at + size], np.uint8).copy())
        at += size
    return first[HEAD.size : HEAD.size + length], buffers


def _crossed(value: Any, caps: wire.Caps = wire.CAPS) -> Any:
    header, buffers = _parts_of(value)
    return wire.Decoder(buffers, caps=caps).value(header)


def _same(one: Any, other: Any) -> bool:
    """Equal in type, value, order and bits: NaN is NaN, -0.0 isn't 0.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray | np.generic) and not isinstance(one, np.str_):
        little = np.asarray(one).astype(one.dtype.newbyteorder("<"))
        return (
            little.dtype == other.dtype
            and little.shape == other.shape
            and little.tobytes() == np.asarray(other).tobytes()
        )
    if isinstance(one, float | complex):
        return struct.pack("<dd", one.real, one.imag) == struct.pack("<dd", other.real, other.imag)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict):
        return _same(list(one.items()), list(other.items()))
    return bool(one == other)


@pytest.fixture(scope="session")
def parts_of() -> Callable[..., tuple[bytes, list[Any]]]:
    """Header and buffers of a value's frame."""
    return _parts_of


@pytest.fixture(scope="session")
def crossed() -> Callable[..., Any]:
    """What arrives of a value."""
    return _crossed


@pytest.fixture(scope="session")
def same() -> Callable[[Any, Any], bool]:
    """Whether two values are equal in type, value, order and bits."""
    return _same
