"""The numbers that hold for a learner's answers: what is just allowed crosses, and one more does not."""

from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest

from grader.protocol import matrices, wire
from grader.protocol.arrays import checked

MB = 1 << 20
Ext, packed = msgspec.msgpack.Ext, msgspec.msgpack.encode
LIMITS = {
    "extensions": (100_000, lambda n: [set()] * n),
    "keys": (50_000, lambda n: dict.fromkeys(range(n))),
    "tuples": (5_000, lambda n: [()] * n),
    "parts of tuples": (20_000, lambda n: (0,) * n),
    "rows of levels": (20_000, lambda n: pd.Series(np.zeros(n), index=pd.MultiIndex.from_arrays([np.arange(n)]))),
    "categories": (20_000, lambda n: pd.Series(pd.Categorical.from_codes([0], np.arange(n)))),
    "large integers": (500, lambda n: [1 << 64] * n),
    "bytes of an integer": (512, lambda n: 1 << (8 * n - 2)),
    "rows without an item": (1 << 20, lambda n: np.zeros((n, 0))),
    "buffers": (1024, lambda n: [np.zeros(1)] * n),
    "dimensions": (6, lambda n: np.zeros((1,) * n)),
    "columns": (2000, lambda n: pd.DataFrame([["x"] * n])),
    "levels": (16, lambda n: pd.Series([1], index=pd.MultiIndex.from_arrays([[0]] * n))),
}


@pytest.mark.parametrize("name", LIMITS)
def test_so_much_may_be_answered_and_no_more(name: str, crossed) -> None:
    most, value = LIMITS[name]
    crossed(value(most))
    with pytest.raises(wire.WireError):
        crossed(value(most + 1))


@pytest.mark.parametrize("most", [lambda n: "x" * (4 * MB + n - 5), lambda n: np.zeros(64 * MB + n, np.uint8)])
def test_a_frame_has_4_mb_of_header_and_64_mb_in_all(most: Any, parts_of) -> None:
    parts_of(most(0))
    with pytest.raises(wire.WireError):
        parts_of(most(1))


@pytest.mark.parametrize("unit", ["D", "s", "ms", "us"])
def test_times_are_of_the_years_1_to_9999(unit: str) -> None:
    first, last = np.datetime64("0001-01-01", unit), np.datetime64("10000-01-01", unit) - 1
    longest = last - first
    for fine in ([first, last, "NaT"], [longest, -longest, "NaT"]):
        checked(np.array(fine, dtype=np.asarray(fine[0]).dtype))
    past_longest = longest + 2  # the first that no two times of these years lie apart
    for bad in (first - 1, last + 1, past_longest, -past_longest):
        with pytest.raises(wire.WireError):
            checked(np.array([bad]))


def test_in_nanoseconds_every_time_lies_within_those_years() -> None:
    numbers = np.array([-(1 << 63), 1 - (1 << 63), (1 << 63) - 1])
    for kind in ("M8[ns]", "m8[ns]"):
        assert checked(numbers.view(kind)).view(np.int64).tolist() == numbers.tolist()


def test_the_ends_of_a_range_are_64_bit_integers_with_a_step_to_spare(crossed) -> None:
    largest = 1 << 62
    for ends in ((-largest, largest, 1 << 60), (largest, -largest, -(1 << 60)), (5, 0, -1)):
        assert crossed(pd.Series(0, index=pd.RangeIndex(*ends))).index.equals(pd.RangeIndex(*ends))
    for ends in ((0, largest + 1, 1 << 60), (-largest - 1, 0, 1 << 60)):
        with pytest.raises(wire.WireError, match="range too large"):
            crossed(pd.Series(0, index=pd.RangeIndex(*ends)))


def test_a_matrix_has_at_most_ten_million_rows() -> None:
    nothing, pointers = np.zeros(0), np.zeros(10_000_002, np.int32)
    places = np.zeros(0, np.int32)
    assert matrices.restored(["csr_matrix", [10_000_000, 0], nothing, places, pointers[:-1]]).shape == (10_000_000, 0)
    with pytest.raises(wire.WireError, match="matrix too large"):
        matrices.restored(["csr_matrix", [10_000_001, 0], nothing, places, pointers])


@pytest.mark.parametrize("index", [-1, 3])
def test_an_index_of_a_matrix_is_a_columns_before_scipy_sees_it(index: int) -> None:
    matrices.check_places(np.array([0, 2]), np.array([0, 2]), 3)
    with pytest.raises(wire.WireError, match="matrix index"):
        matrices.check_places(np.array([0, index]), np.array([0, 2]), 3)


@pytest.mark.parametrize("shape", [[-1], [-1, -1], [1 << 40, 0]])
def test_an_array_has_a_shape_before_numpy_sees_it(shape: list[int], parts_of) -> None:
    _, buffers = parts_of(np.zeros(1))
    with pytest.raises(wire.WireError, match="not a shape"):
        wire.Decoder(buffers).value(packed(Ext(wire.ARRAY, packed(["<f8", shape, 0]))))


def nested(depth: int) -> bytes:
    """Tuples in tuples, as an encoder without limits would write them."""
    data = packed(1)
    for _ in range(depth):
        data = packed(Ext(wire.TUPLE, b"\x91" + data))
    return data


def test_the_decoder_itself_counts_how_deep_tuples_stand() -> None:
    assert wire.Decoder([]).value(nested(10))
    with pytest.raises(wire.WireError, match="deep"):
        wire.Decoder([]).value(nested(wire.CAPS.depth + 2))
