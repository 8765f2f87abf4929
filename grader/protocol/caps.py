"""What a frame may hold, and the error that says that it holds something else."""

from collections.abc import Callable

import msgspec

from grader.protocol.codes import Coded

DEPTH = 40


class WireError(Coded):
    """The other side broke the protocol or passed a cap, or a value can't cross; the code is of `codes`."""


class Caps(msgspec.Struct, frozen=True):
    """What a frame may hold."""

    header: int = 4 << 20
    total: int = 64 << 20
    buffers: int = 1024
    depth: int = DEPTH
    extensions: int = 100_000
    keyed: int = 50_000
    """Keys of dicts and members of sets: their hashes can be made to collide, which costs the square."""
    hashed: int = 5_000
    """Tuples, frozensets and complex numbers, wherever they stand: their collisions come for nothing, and a check may
    make a set of them. The references and alternatives answer with at most 520, of 1,040 parts."""
    parts: int = 20_000
    """Parts of all tuples and frozensets: two of equal hash are compared part by part."""
    indexed: int = 20_000
    """Categories, and rows of each level of an index: pandas hashes them at once, by a function with collisions to
    be had for nothing."""
    big: int = 500
    """Integers beyond 64 bits, for the same reason."""
    digits: int = 512
    """Bytes of one such integer."""
    dimensions: int = 6
    """An array is shown by its first and last three of each dimension."""
    nothing: int = 1 << 20
    """Rows of an array that has no items: they take no bytes here, but in a list they would."""


Count = Callable[[int], None]
"""Adds to what a frame holds of something, or raises WireError where that is too much."""
CAPS = Caps()
"""What a learner may answer."""
TRUSTED = Caps(extensions=1 << 30, keyed=1 << 30, hashed=1 << 30, parts=1 << 30, indexed=1 << 30, big=1 << 30)
"""What the judge may ask: it means no harm."""
