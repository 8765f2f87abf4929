"""Frames between judge and worker: which values may cross, and how.

A frame is a fixed head, a MessagePack header, a table of buffer sizes, and raw buffers (arrays cross without a copy).
What MessagePack lacks is an Ext whose body is again MessagePack. So are dicts, because a decoder that meets a map makes
keys of whatever stands there, in a time that grows with the square. No pickle, no object arrays, no code. Everything
arrives as plain values of exact built-in, numpy, pandas or scipy types, so an object that claims to equal everything
never reaches a check; every cap is held before memory is taken or time spent.
"""

from grader.protocol.caps import CAPS, TRUSTED, Caps, WireError
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
from grader.protocol.decoder import Borrow, Decoder
from grader.protocol.encoder import Encoder, Lend, refuse

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
    "Borrow",
    "Caps",
    "Decoder",
    "Encoder",
    "Lend",
    "WireError",
    "refuse",
]  # fmt: skip
