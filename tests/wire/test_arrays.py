"""Arrays and numpy's numbers arrive as they went; a type or content that native code would trip over is refused."""

import struct
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.protocol import arrays as on_the_wire
from grader.protocol import codes, wire

Ext = msgspec.msgpack.Ext
packed = msgspec.msgpack.encode
CROSSING = (
    *"|b1 |i1 <i2 <i4 <i8 |u1 <u2 <u4 <u8 <f2 <f4 <f8 <c8 <c16 <U1 <U7 <U4096".split(),
    *(f"<{kind}8[{unit}]" for kind in "Mm" for unit in ("s", "ms", "us", "ns", "D")),
)


def decoded(name: Any, data: bytes, shape: list[int] | None = None) -> Any:
    """An array as somebody else than our encoder sends it."""
    body = packed([name, [1] if shape is None else shape, 0])
    return wire.Decoder([np.frombuffer(data, np.uint8)]).value(packed(Ext(wire.ARRAY, body)))


def decoded_scalar(name: str, data: bytes) -> Any:
    return wire.Decoder([]).value(packed(Ext(wire.SCALAR, name.encode() + b" " + data)))


def elements(dtype: np.dtype[Any]) -> Any:
    """What an array of this type may hold: of text, characters; of times, those between the years 1 and 9999."""
    if dtype.kind == "U":
        return st.text(max_size=dtype.itemsize // 4).map(lambda text: text.rstrip("\0"))
    if dtype.kind not in "Mm":
        return None
    unit, _ = np.datetime_data(dtype)
    low, high = np.datetime64("0001-01-01", "s").astype(int), np.datetime64("9999-12-31", "s").astype(int)
    whole = {"D": 86_400, "s": 1}.get(unit)
    times = st.integers(int(low), int(high)).map(lambda each: each // (whole or 1))
    fine = st.integers(-(1 << 57), 1 << 57) if unit == "ns" else times
    return (fine | st.none()).map(lambda each: np.array(each if each is not None else "NaT", dtype)[()])


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
arrays = dtypes.flatmap(lambda dtype: hnp.arrays(dtype, shapes, elements=elements(dtype)))
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


@given(arrays, orders)
def test_arrays_of_every_type_and_order_arrive_as_they_went(crossed, same, array, order) -> None:
    assert same(order(array), crossed(order(array)))


@given(dtypes.flatmap(lambda dtype: hnp.arrays(dtype, 1, elements=elements(dtype))))
def test_numbers_of_numpys_arrive_as_they_went(crossed, same, array) -> None:
    assert same(array[0], crossed(array[0]))


@given(st.lists(arrays | st.none() | st.integers() | st.lists(st.floats(), max_size=2), max_size=4))
def test_arrays_among_plain_values_keep_their_places(crossed, same, values: list[Any]) -> None:
    assert same(values, crossed(values))


def test_an_array_is_taken_once() -> None:
    twice = packed([Ext(wire.ARRAY, packed(["|u1", [1], 0]))] * 2)
    with pytest.raises(wire.WireError):
        wire.Decoder([np.zeros(1, np.uint8)]).value(twice)


@pytest.mark.parametrize("name", CROSSING)
def test_each_name_that_may_cross_is_a_type_and_the_type_has_that_name(name: str) -> None:
    dtype = on_the_wire.named(name)
    assert dtype.str == name
    assert dtype.isnative
    assert on_the_wire.name_of(dtype) == name


@pytest.mark.parametrize(
    "name",
    [
        *">i2 >i4 >i8 >u8 >f8 >c16 >U1 >M8[s] =i8 <i1 >b1 <b1 i8 int64 f8 b1 ? d l float64 str bytes object".split(),
        *"|O |V8 |V0 |S4 <f16 <c32 <U <U0 <U4097 <U01 <U+1 <U99999 <U\u0661 <M8 <M8[Y] <M8[as]".split(),
        *"<M8[7D] <m8[generic]".split(),
        *"i4,i4 (2,)f8 {'f':'i4'} <f8<f8 ,,, numpy.ndarray".split(),
        *("<i8 ", " <i8", "<U 1", "", None, 8, 1.0, ["<i8"], True),
    ],
)
def test_every_other_name_is_refused(name: Any) -> None:
    with pytest.raises(wire.WireError):
        on_the_wire.named(name)
    with pytest.raises(wire.WireError):
        decoded(name, bytes(8))


@pytest.mark.parametrize("name", ["i2", "i4", "u8", "f2", "f4", "f8", "c16", "U3", "M8[s]", "m8[D]"])
def test_other_byte_orders_are_turned_round_before_they_cross(name: str, crossed) -> None:
    big = np.array([1, 2, 300]).astype(f">{name}")
    assert crossed(big).dtype.str == f"<{name}"
    assert crossed(big).tolist() == big.tolist()
    assert crossed(big[1]).dtype.isnative
    assert crossed(big[1]) == big[1]


def test_text_of_no_character_crosses_as_empty_text(crossed) -> None:
    arrived = crossed(np.empty((2, 1), "<U0"))
    assert arrived.tolist() == [[""], [""]]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("|b1", b"\x02"),
        ("|b1", b"\xff"),
        ("<U1", b"\0\0\x11\0"),
        ("<U1", b"\0\xd8\0\0"),
        ("<U1", b"\xff" * 4),
        *((f"<M8[{unit}]", struct.pack("<q", sign << 62)) for unit in ("s", "ms", "us", "D") for sign in (1, -1)),
        *((f"<m8[{unit}]", struct.pack("<q", sign << 62)) for unit in ("s", "ms", "us", "D") for sign in (1, -1)),
        *(("<M8[D]", struct.pack("<q", day)) for day in (-719_163, 2_932_897, 1 - (1 << 63), (1 << 63) - 1)),
        ("<M8[s]", struct.pack("<q", 2_932_897 * 86_400)),
        ("<M8[s]", struct.pack("<q", -719_162 * 86_400 - 1)),
    ],
)
def test_contents_that_native_code_would_choke_on_are_refused(name: str, data: bytes) -> None:
    with pytest.raises(wire.WireError):
        decoded(name, data)
    with pytest.raises(wire.WireError):
        decoded_scalar(name, data)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "NaT"])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "D"])
def test_the_first_and_the_last_day_may_cross(day: str, unit: str, crossed, same) -> None:
    days = np.array([day], f"M8[{unit}]")
    assert same(days, crossed(days))


@pytest.mark.parametrize(
    "array",
    [
        np.array([2], np.uint8).view(bool),
        np.array([0x110000], np.uint32).view("<U1"),
        np.array(["10000-01-01"], "M8[D]"),
        np.array([1 << 62], "m8[s]"),
        np.broadcast_to(1.0, (1 << 20, 1 << 20)),
    ],
    ids=["booleans", "text", "dates", "times", "size"],
)
def test_the_encoder_says_what_is_wrong_before_it_sends_it(array, parts_of) -> None:
    with pytest.raises(wire.WireError) as error:
        parts_of(array)
    assert error.value.code in codes.UNSENDABLE


@pytest.mark.parametrize("shape", [[3], [0], [], [1, 3], [-1], [1.0], [True], "1", None, [1 << 62], [1] * 7])
def test_a_shape_that_does_not_fit_the_bytes_is_refused(shape: Any) -> None:
    with pytest.raises(wire.WireError):
        wire.Decoder([np.zeros(8, np.uint8)]).value(packed(Ext(wire.ARRAY, packed(["<i4", shape, 0]))))
