"""What crosses between judge and worker arrives as it went, in exact types; what can't cross, and noise, is refused."""

import random
import resource
import socket
import struct
import sys
import threading
import time
from collections import Counter, OrderedDict, defaultdict
from functools import partial
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from grader.learner import wire
from grader.learner.frames import HEAD, MAGIC, Channel, Closed, Garbled

Ext = msgspec.msgpack.Ext
packed = msgspec.msgpack.encode


def parts_of(value: Any, caps: wire.Caps = wire.CAPS) -> tuple[bytes, list[Any]]:
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


def crossed(value: Any, caps: wire.Caps = wire.CAPS) -> Any:
    header, buffers = parts_of(value)
    return wire.Decoder(buffers, caps=caps).value(header)


def same(one: Any, other: Any) -> bool:
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
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    return bool(one == other)


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.complex_numbers()
large = st.integers(-(1 << 4094), 1 << 4094)
hashable = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.frozensets(inner, max_size=3),
    max_leaves=5,
)
nested = st.recursive(
    plain | large,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(hashable, inner, max_size=5)
        | st.sets(hashable, max_size=5)
        | st.frozensets(hashable, max_size=5)
    ),
    max_leaves=20,
)
dtypes = (
    hnp.boolean_dtypes()
    | hnp.integer_dtypes(endianness="?")
    | hnp.unsigned_integer_dtypes(endianness="?")
    | hnp.floating_dtypes(endianness="?", sizes=(16, 32, 64))
    | hnp.complex_number_dtypes(endianness="?", sizes=(64, 128))
    | hnp.unicode_string_dtypes(endianness="?", max_len=8)
    | st.sampled_from([f"{kind}[{unit}]" for kind in ("<M8", "<m8") for unit in ("s", "ms", "us", "ns", "D")]).map(
        np.dtype
    )
)
shapes = hnp.array_shapes(min_dims=0, max_dims=6, min_side=0, max_side=3)
arrays = dtypes.flatmap(lambda dtype: hnp.arrays(dtype, shapes))
orders = st.sampled_from(
    [
        lambda array: array,
        np.asfortranarray,
        lambda array: array.T,
        lambda array: array[..., ::2] if array.ndim else array,
        lambda array: array[::-1] if array.ndim else array,
        lambda array: np.broadcast_to(array, (2, *array.shape)) if array.ndim < 6 else array,
    ]
)


@given(nested)
def test_plain_values_arrive_as_they_went(value: Any) -> None:
    assert same(value, crossed(value))


@given(arrays, orders)
def test_arrays_of_every_type_and_order_arrive_as_they_went(array, order) -> None:
    assert same(order(array), crossed(order(array)))


@given(dtypes.flatmap(lambda dtype: hnp.arrays(dtype, 1)))
def test_numbers_of_numpys_arrive_as_they_went(array) -> None:
    assert same(array[0], crossed(array[0]))


@given(st.lists(arrays | nested, max_size=4))
def test_arrays_among_plain_values_keep_their_places(values: list[Any]) -> None:
    assert same(values, crossed(values))


labels = st.lists(st.text(max_size=3) | st.integers(-5, 5), min_size=3, max_size=3)
indexes = st.one_of(
    st.just(pd.RangeIndex(1, 7, 2)),
    st.lists(st.integers(), min_size=3, max_size=3).filter(lambda each: max(map(abs, each)) < 1 << 62).map(pd.Index),
    st.lists(st.text(max_size=3), min_size=3, max_size=3).map(lambda each: pd.Index(each, dtype=object, name="name")),
    labels.map(lambda each: pd.MultiIndex.from_arrays([[1, 2, 3], list(map(str, each))], names=["a", None])),
    st.just(pd.DatetimeIndex(["2026-01-31", "2026-02-28", "1969-01-01"], name="day").as_unit("ns")),
)
COLUMNS = (
    np.array([1, -2, 3]),
    np.array([1.5, np.nan, -0.0]),
    np.array([True, False, True]),
    np.array([1, 2, 255], np.uint8),
    np.array([1j, 2, 3]),
    np.array(["2026-01-31", "NaT", "1970-01-01"], "M8[ns]"),
    np.array([1, 2, 3], "m8[s]"),
    np.array(["a", None, "c"], object),
    np.array([1, "b", None], object),
)


@given(st.lists(st.sampled_from(COLUMNS), max_size=4), indexes)
def test_frames_arrive_as_they_went(columns, index) -> None:
    frame = pd.DataFrame({f"c{n}": pd.Series(column, index=index) for n, column in enumerate(columns)}, index=index)
    pd.testing.assert_frame_equal(frame, crossed(frame), check_exact=True, check_column_type=False)


@given(st.sampled_from(COLUMNS), indexes, st.none() | st.text() | st.integers())
def test_series_arrive_as_they_went(column, index, name) -> None:
    series = pd.Series(column, index=index, name=name)
    pd.testing.assert_series_equal(series, crossed(series), check_exact=True)


def test_categories_and_text_arrive_as_they_went() -> None:
    frame = pd.DataFrame(
        {"c": pd.Categorical(["b", "a", None], ["b", "a"], ordered=True), "t": pd.array(["x", None, "z"], dtype="str")}
    )
    pd.testing.assert_frame_equal(frame, crossed(frame), check_column_type=False)


@given(
    hnp.arrays(st.sampled_from([np.float64, np.int32, bool]), st.tuples(st.integers(0, 4), st.integers(0, 4))),
    st.booleans(),
)
def test_sparse_matrices_arrive_as_they_went(dense, as_array: bool) -> None:
    matrix = (sparse.csr_array if as_array else sparse.csr_matrix)(dense)
    back = crossed(matrix)
    assert type(back) is type(matrix)
    assert same(matrix.toarray(), back.toarray())


def derived(kind: type, *args: Any) -> Any:
    return type(f"My{kind.__name__}", (kind,), {"__eq__": lambda *_: True, "__hash__": lambda _: 0})(*args)


@pytest.mark.parametrize(
    "value",
    [
        *(derived(kind, 1) for kind in (int, float, complex, str)),
        *(derived(kind) for kind in (bytes, list, tuple, dict, set, frozenset)),
        np.zeros(2).view(type("Mine", (np.ndarray,), {})),
        np.matrix([1.0]),
        np.ma.masked_array([1.0], mask=[True]),
        np.array([None]),
        np.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
        np.array([b"bytes"]),
        np.array([1.0], np.longdouble),
        np.longdouble(1),
        np.zeros(1, "M8[Y]"),
        np.zeros((1,) * 7),
        derived(pd.DataFrame, {"a": [1]}),
        derived(pd.Series, [1]),
        pd.DataFrame({"a": [object()]}),
        sparse.csc_matrix(np.eye(2)),
        sparse.coo_array(np.eye(2)),
        range(3),
        bytearray(b"x"),
        memoryview(b"x"),
        iter([1]),
        object(),
        int,
        len,
        ...,
        NotImplemented,
        ValueError(),
        "\ud800",
        ["\ud800"],
        {"\ud800": 1},
        np.array(["\ud800"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_exactly_a_plain_value_is_refused(value: Any) -> None:
    for each in (value, [value], (value,), {"key": value}):
        with pytest.raises(wire.WireError):
            crossed(each)


@pytest.mark.parametrize("kind", [Counter, OrderedDict, partial(defaultdict, int)])
def test_the_standard_library_s_mappings_arrive_as_dicts(kind: Any) -> None:
    arrived = crossed([kind({"a": 1, "b": 2})])
    assert arrived == [{"a": 1, "b": 2}]
    assert type(arrived[0]) is dict


def test_what_contains_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(wire.WireError):
        crossed(endless)


def lists(depth: int, kind: Any = list) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = kind([value])
    return value


def at_and_over(cap: str) -> tuple[Any, Any]:
    """For each cap, set to ten, a value that may just cross and one that may not."""
    return {
        "extensions": ([()] * 10, [()] * 11),
        "keyed": (dict.fromkeys(range(10)), dict.fromkeys(range(11))),
        "hashed": ({(n,) for n in range(10)}, {(n,) for n in range(11)}),
        "big": ([1 << 64] * 10, [1 << 64] * 11),
        "digits": ((1 << 79) - 1, 1 << 79),
        "nothing": (np.zeros((10, 0)), np.zeros((11, 0))),
        "depth": (lists(10), lists(22)),
    }[cap]


@pytest.mark.parametrize("cap", ["extensions", "keyed", "hashed", "big", "digits", "nothing", "depth"])
def test_the_decoder_holds_each_cap(cap: str) -> None:
    caps = wire.Caps(**({"extensions": 100} | {cap: 10}))
    under, over = at_and_over(cap)
    assert same(under, crossed(under, caps))
    with pytest.raises(wire.WireError):
        crossed(over, caps)


def test_the_decoder_counts_the_members_of_sets_as_it_counts_keys() -> None:
    caps = wire.Caps(keyed=10)
    assert crossed([{1, 2, 3}, {4: 5}, frozenset(range(6))], caps)
    with pytest.raises(wire.WireError):
        crossed([{1, 2, 3}, {4: 5}, frozenset(range(7))], caps)


@pytest.mark.parametrize("kind", [list, tuple, lambda items: {0: items[0]}])
def test_depth_is_the_same_on_both_sides(kind: Any) -> None:
    deepest = lists(wire.CAPS.depth, kind)
    assert same(deepest, crossed(deepest))
    with pytest.raises(wire.WireError):
        crossed(kind([deepest]))


@pytest.mark.parametrize(
    ("caps", "under", "over"),
    [
        (wire.Caps(header=1000), "x" * 997, "x" * 998),
        (wire.Caps(total=800), np.zeros(100), np.zeros(101)),
        (wire.Caps(buffers=3), [np.zeros(1)] * 3, [np.zeros(1)] * 4),
        (wire.Caps(dimensions=2), np.zeros((1, 1)), np.zeros((1, 1, 1))),
        (wire.Caps(depth=5), lists(5), lists(6)),
    ],
    ids=["header", "total", "buffers", "dimensions", "depth"],
)
def test_the_encoder_holds_each_cap(caps: wire.Caps, under: Any, over: Any) -> None:
    parts_of(under, caps)
    with pytest.raises(wire.WireError):
        parts_of(over, caps)


def received(sent: bytes, caps: wire.Caps = wire.CAPS) -> tuple[memoryview, list[Any]]:
    """What a channel makes of bytes and a hang-up."""
    ours, theirs = socket.socketpair()
    with ours:
        writer = threading.Thread(target=lambda: (theirs.sendall(sent), theirs.close()))
        writer.start()
        try:
            return Channel(ours, lambda: None).receive(caps.header, caps.buffers, caps.total)
        finally:
            ours.close()
            writer.join()


def head(count: int, length: int, magic: bytes = MAGIC) -> bytes:
    return HEAD.pack(magic, count, length)


@pytest.mark.parametrize(
    ("caps", "under", "over"),
    [
        (wire.Caps(header=10), head(0, 10) + bytes(10), head(0, 11)),
        (wire.Caps(buffers=2), head(2, 0) + bytes(16), head(3, 0)),
        (wire.Caps(total=4), head(1, 0) + struct.pack("<Q", 4) + bytes(4), head(1, 0) + struct.pack("<Q", 5)),
    ],
    ids=["header", "buffers", "total"],
)
def test_a_channel_holds_each_cap_before_it_takes_memory(caps: wire.Caps, under: bytes, over: bytes) -> None:
    received(under, caps)
    with pytest.raises(Garbled):
        received(over, caps)


@pytest.mark.parametrize(
    "sent", [b"", b"K", head(0, 5), head(0, 5) + b"1234", head(1, 0) + bytes(7), head(1, 0) + b"\x01" + bytes(7)]
)
def test_half_a_frame_is_an_end(sent: bytes) -> None:
    with pytest.raises(Closed):
        received(sent)


@pytest.mark.parametrize(
    "sent", [head(0, 1, b"tk"), head(0xFFFF, 0), head(0, 0xFFFFFFFF), head(1, 0) + b"\xff" * 8, b"GET / HTTP/1.1\r\n"]
)
def test_what_is_no_frame_is_garbled(sent: bytes) -> None:
    with pytest.raises(Garbled):
        received(sent)


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


def test_an_array_is_taken_once() -> None:
    twice = packed([Ext(wire.ARRAY, packed(["|u1", [1], 0]))] * 2)
    with pytest.raises(wire.WireError):
        wire.Decoder([np.zeros(1, np.uint8)]).value(twice)


@pytest.mark.parametrize(
    ("kind", "data"), [("|b1", b"\x02"), ("<U1", b"\0\0\x11\0"), ("<U1", b"\0\xd8\0\0"), ("<U1", b"\xff" * 4)]
)
def test_arrays_that_numpy_would_choke_on_are_refused(kind: str, data: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.Decoder([np.frombuffer(data, np.uint8)]).value(packed(Ext(wire.ARRAY, packed([kind, [1], 0]))))


def test_noise_is_refused_or_decoded_in_bounded_time_and_memory() -> None:
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


def test_noise_on_a_channel_is_garbled_or_an_end() -> None:
    rng = random.Random(0)
    frame = b"".join(map(bytes, wire.Encoder().frame([1, np.arange(5.0)])))
    for _ in range(1_000):
        try:
            received(mutated(frame, rng) if rng.random() < 0.8 else rng.randbytes(rng.randrange(40)))
        except (Garbled, Closed):
            continue
