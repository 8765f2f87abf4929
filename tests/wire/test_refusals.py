"""What the decoder refuses, and that noise costs nothing."""

import random
import resource
import struct
import sys
import time

import msgspec
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from grader.protocol import wire

Ext = msgspec.msgpack.Ext
packed = msgspec.msgpack.encode


REFUSED = {
    "a map": b"\x81\xa1x\x01",
    "a map with lists as keys": b"\x81\x91\x01\x01",
    "a timestamp": packed(Ext(-1, struct.pack(">I", 5))),
    "bytes": b"\xc4\x01x",
    "an unknown extension": packed(Ext(99, b"\xc0")),
    "an object nobody lent": packed(Ext(wire.OBJECT, packed([0, "x"]))),
    "a set of lists": packed(Ext(wire.SET, packed([[1]]))),
    "half a dict": packed(Ext(wire.DICT, packed([1, 2, 3]))),
    "a dict that is none": packed(Ext(wire.DICT, packed(7))),
    "half a complex number": packed(Ext(wire.COMPLEX, b"1234")),
    "a lone surrogate": b"\xa3\xed\xa0\x80",
    "no text": b"\xa1\xff",
    "nothing": b"",
    "more than one": b"\x01\x02",
    "an array that isn't there": packed(Ext(wire.ARRAY, packed(["<f8", [0], 0]))),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_decoder_refuses(name: str) -> None:
    with pytest.raises(wire.WireError):
        wire.Decoder([]).value(REFUSED[name])


def test_noise_is_refused_or_decoded_in_bounded_time_and_memory(parts_of) -> None:
    """Ten thousand times: random bytes, and frames of true values with bytes changed, moved, doubled or lost."""
    rng = random.Random(0)
    seeds = [
        parts_of(value)
        for value in (
            [
                1,
                -(1 << 70),
                2.5,
                "text",
                b"bytes",
                None,
                True,
                3j,
                (1, (2,)),
                {1, 2},
                frozenset({3}),
                {"a": {(1, 2): [3]}},
            ],
            [
                np.arange(12.0).reshape(3, 4),
                np.array(["ab", "c"]),
                np.array([True]),
                np.float32(1),
                np.array("2026", "M8[D]"),
            ],
            pd.DataFrame(
                {"a": [1, 2], "b": ["x", None], "c": pd.Categorical(["u", "v"])}, index=pd.Index([5, 6], name="i")
            ),
            pd.Series([1.5, 2.5], index=pd.MultiIndex.from_tuples([(1, "a"), (2, "b")]), name="s"),
            sparse.csr_matrix(np.eye(3)),
            {"value": [[1.0] * 50] * 20},
        )
    ]
    began, resident = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    decoded = 0
    for _ in range(10_000):
        header, buffers = rng.choice(seeds)
        noise = mutated(header, rng) if rng.random() < 0.8 else rng.randbytes(rng.randrange(60))
        try:
            wire.Decoder([each if rng.random() < 0.9 else each[:-1] for each in buffers]).value(noise)
        except wire.WireError:
            continue
        decoded += 1
    assert 100 < decoded < 9_900
    assert time.process_time() - began < 60
    unit = 1 if sys.platform == "darwin" else 1024
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - resident) * unit < 1 << 30


def mutated(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5])):
        at = rng.randrange(len(changed) + 1)
        match rng.randrange(5):
            case 0:
                changed[at : at + 1] = rng.randbytes(1)
            case 1:
                changed[at:at] = rng.randbytes(rng.randrange(1, 4))
            case 2:
                del changed[at : at + rng.randrange(1, 8)]
            case 3:
                changed[at:at] = changed[at : at + rng.randrange(1, 30)]
            case 4:
                changed[at : at + 1] = rng.choice(
                    [b"\xdd\xff\xff\xff\xff", b"\xc9\xff\xff\xff\xff\x01", b"\x91", b"\xcf" + b"\xff" * 8]
                )
    return bytes(changed)
