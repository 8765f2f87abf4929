"""Tables and sparse matrices arrive as they went; parts that don't fit are refused before pandas sees them."""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from grader.protocol import wire

Ext = msgspec.msgpack.Ext
packed = msgspec.msgpack.encode


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
def test_frames_arrive_as_they_went(crossed, columns, index) -> None:
    frame = pd.DataFrame({f"c{n}": pd.Series(column, index=index) for n, column in enumerate(columns)}, index=index)
    pd.testing.assert_frame_equal(frame, crossed(frame), check_exact=True, check_column_type=False)


@given(st.sampled_from(COLUMNS), indexes, st.none() | st.text() | st.integers())
def test_series_arrive_as_they_went(crossed, column, index, name) -> None:
    series = pd.Series(column, index=index, name=name)
    pd.testing.assert_series_equal(series, crossed(series), check_exact=True)


def test_categories_and_text_arrive_as_they_went(crossed) -> None:
    frame = pd.DataFrame(
        {"c": pd.Categorical(["b", "a", None], ["b", "a"], ordered=True), "t": pd.array(["x", None, "z"], dtype="str")}
    )
    pd.testing.assert_frame_equal(frame, crossed(frame), check_column_type=False)


@given(
    hnp.arrays(st.sampled_from([np.float64, np.int32, bool]), st.tuples(st.integers(0, 4), st.integers(0, 4))),
    st.booleans(),
)
def test_sparse_matrices_arrive_as_they_went(crossed, same, dense, as_array: bool) -> None:
    matrix = (sparse.csr_array if as_array else sparse.csr_matrix)(dense)
    back = crossed(matrix)
    assert type(back) is type(matrix)
    assert same(matrix.toarray(), back.toarray())


class Sent:
    """A table put together by somebody else than our encoder."""

    def __init__(self) -> None:
        self._buffers: list[Any] = []

    def array(self, numbers: Any, dtype: str) -> Ext:
        """Numbers by a type's name; they wrap as they will."""
        array = np.array(numbers, np.int64).astype(dtype)
        self._buffers.append(np.frombuffer(array.tobytes(), np.uint8))
        return Ext(wire.ARRAY, packed([dtype, [len(numbers)], len(self._buffers) - 1]))

    def arrive(self, code: int, body: Any, caps: wire.Caps = wire.CAPS) -> Any:
        """What becomes of it."""
        return wire.Decoder(self._buffers, caps=caps).value(packed(Ext(code, packed(body))))


def matrix(  # noqa: PLR0913  each part may lie
    *,
    shape: Any = (3, 4),
    places: Any = (0, 1, 3),
    pointers: Any = (0, 2, 2, 3),
    name: Any = "csr_matrix",
    values: str = "<f8",
    place: str = "<i4",
    pointer: str = "<i4",
    many: int | None = None,
) -> Any:
    """A CSR matrix of these parts; without any, one that is right."""
    sent = Sent()
    parts = [[1] * (len(places) if many is None else many), places, pointers]
    arrays = [sent.array(*each) for each in zip(parts, (values, place, pointer), strict=True)]
    return sent.arrive(wire.CSR, [name, list(shape) if type(shape) is tuple else shape, *arrays])


def test_a_matrix_whose_parts_fit_is_one() -> None:
    for kind in ("<i4", "<i8"):
        made = matrix(place=kind, pointer=kind)
        assert made.toarray().tolist() == [[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]]
    assert matrix(shape=(0, 0), places=(), pointers=(0,)).shape == (0, 0)


@pytest.mark.parametrize(
    "lie",
    [
        *({"pointers": [0, 127, -128, 3], "pointer": kind} for kind in ("|i1", "<i2", "<i4", "<i8")),
        {"pointers": [0, (1 << 15) - 1, -(1 << 15), 3], "pointer": "<i2"},
        {"pointers": [0, (1 << 31) - 1, -(1 << 31), 3], "pointer": "<i4"},
        {"pointers": [0, (1 << 63) - 1, -(1 << 63), 3], "pointer": "<i8"},
        {"pointers": [0, 1 << 32, 2, 3], "pointer": "<i8"},
        {"pointers": [0, 3, 2, 3]},
        {"pointers": [1, 2, 2, 3]},
        {"pointers": [-1, 2, 2, 3]},
        {"pointers": [0, 2, 2, 4]},
        {"pointers": [0, 2, 2, 2]},
        {"pointers": [0, 2, 3]},
        {"pointers": [0, 2, 2, 3, 3]},
        {"pointers": []},
        *({"pointer": kind} for kind in ("|i1", "<i2", "|u1", "<u2", "<u4", "<u8", "<f8", ">i4", ">i8", "|b1")),
        *({"place": kind} for kind in ("|i1", "<i2", "|u1", "<u2", "<u4", "<u8", "<f8", ">i4", ">i8", "|b1")),
        {"places": [0, 1, 4]},
        {"places": [0, -1, 3]},
        {"places": [0, 1 << 40, 3], "place": "<i8"},
        {"places": [0, -(1 << 63), 3], "place": "<i8"},
        {"places": [0, 1]},
        {"many": 2},
        {"many": 4},
        {"many": 0},
        {"shape": (3, 0)},
        {"shape": (2, 4)},
        {"shape": (-3, 4)},
        {"shape": (3, 1 << 40)},
        {"shape": (3, (1 << 31) - 1)},
        {"shape": (3.0, 4)},
        {"shape": (3, True)},
        {"shape": (3,)},
        {"shape": "34"},
        {"shape": None},
        {"name": "csc_matrix"},
        {"name": None},
        {"values": "<f2"},
        {"values": "<M8[s]"},
    ],
    ids=str,
)
def test_a_matrix_that_scipy_would_trust_and_must_not_is_refused(lie: dict[str, Any]) -> None:
    with pytest.raises(wire.WireError):
        matrix(**lie)


@pytest.mark.parametrize("kind", ["i1", "i2", "u2", "u8", ">i4", "i8"])
def test_a_matrix_with_narrow_indices_is_sent_with_wide_ones(kind: str, crossed) -> None:
    made = sparse.csr_matrix(np.eye(3))
    made.indices, made.indptr = made.indices.astype(kind), made.indptr.astype(kind)
    assert crossed(made).toarray().tolist() == np.eye(3).tolist()


RANGE = ["range", [0, 2, 1], None]
CELLS = ["object", [1, 2]]


def category(
    codes: Any = (0, -1), kind: str = "<i4", of: Any = ("text", ["a", "b"]), ordered: Any = False
) -> Callable[[Sent], Any]:
    return lambda sent: ["category", sent.array(codes, kind), list(of) if type(of) is tuple else of, ordered]


def series(sent: Sent, *, name: Any = None, index: Any = RANGE, column: Any = CELLS) -> Any:
    """A series of these parts, made by the sender where they hold arrays."""
    parts = [part(sent) if callable(part) else part for part in (name, index, column)]
    return sent.arrive(wire.SERIES, parts)


def test_a_series_whose_parts_fit_is_one() -> None:
    assert series(Sent()).tolist() == [1, 2]
    assert series(Sent(), column=category())[0] == "a"
    assert series(Sent(), index=["levels", [CELLS, ["text", ["a", None]]], ["x", None]]).index.nlevels == 2


@pytest.mark.parametrize(
    "lie",
    [
        *({"column": category(kind=kind)} for kind in ("|i1", "<i2", "|u1", "<u4", "<u8", ">i4", "<f8", "|b1")),
        *({"column": category((0, code), "<i8")} for code in (2, -2, 256, 1 << 32, 1 << 40, -(1 << 63))),
        {"column": category(ordered=1)},
        {"column": category(of=("text", ["a", "a"]))},
        {"column": category(of=["category", [0], ["text", ["a"]], False])},
        {"column": category(of=None)},
        {"column": category((0,))},
        {"column": ["text", ["a", 1]]},
        {"column": ["object", [1, [2]]]},
        {"column": ["object", [1]]},
        {"column": ["object", [1, 2, 3]]},
        {"column": ["object", [1, 2], 3]},
        {"column": ["array", [1, 2]]},
        {"column": ["object"]},
        {"column": None},
        {"index": ["range", [0, 1 << 63, 1 << 62], None]},
        {"index": ["range", [(1 << 63) - 2, 1 << 63, 1], None]},
        {"index": ["range", [0, 2, Ext(wire.BIG, b"\1" * 9)], None]},
        {"index": ["range", [0, 2, 0], None]},
        {"index": ["range", [0, 2, True], None]},
        {"index": ["range", [0.0, 2, 1], None]},
        {"index": ["range", [0, 1 << 40, 1], None]},
        {"index": ["range", [0, 3, 1], None]},
        {"index": ["levels", [CELLS, ["object", [1]]], [None, None]]},
        {"index": ["levels", [CELLS, CELLS], [None]]},
        {"index": ["levels", [CELLS] * 17, [None] * 17]},
        {"index": ["levels", [], []]},
        {"index": ["levels", [CELLS], None]},
        {"index": ["others", CELLS, None]},
        {"index": None},
        {"name": [1]},
        {"name": Ext(wire.TUPLE, packed([]))},
        {"name": Ext(wire.TUPLE, packed([[1]]))},
        {"name": Ext(wire.COMPLEX, bytes(16))},
    ],
    ids=str,
)
def test_a_series_that_pandas_would_trust_and_must_not_is_refused(lie: dict[str, Any]) -> None:
    with pytest.raises(wire.WireError):
        series(Sent(), **lie)


def titled(*labels: Any) -> list[Any]:
    return [Ext(wire.TUPLE, packed(list(label))) if type(label) is tuple else label for label in labels]


@pytest.mark.parametrize(
    ("labels", "names", "columns"),
    [
        (titled(("a", "b", "c"), ("a",)), [None] * 3, [CELLS, CELLS]),
        (titled(("a",), ("a", "b")), [None], [CELLS, CELLS]),
        (titled(("a", "b"), "a"), [None], [CELLS, CELLS]),
        (titled((), ()), [None], [CELLS, CELLS]),
        (["a"], [None], [CELLS, CELLS]),
        ("ab", [None], [CELLS, CELLS]),
        (["a", "b"], [None], [CELLS, ["object", [1]]]),
        (["a", ["b"]], [None], [CELLS, CELLS]),
        (["a", "b"], None, [CELLS, CELLS]),
        (["a", "b"], [[]], [CELLS, CELLS]),
        ([], [None], ""),
    ],
)
def test_a_frame_that_pandas_would_trust_and_must_not_is_refused(labels: Any, names: Any, columns: Any) -> None:
    assert Sent().arrive(wire.FRAME, [["a", "b"], [None], RANGE, [CELLS, CELLS]]).shape == (2, 2)
    with pytest.raises(wire.WireError):
        Sent().arrive(wire.FRAME, [labels, names, RANGE, columns])


def test_columns_of_several_levels_arrive_with_their_names(crossed) -> None:
    frame = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", "y"]))
    pd.testing.assert_frame_equal(frame, crossed(frame))


def test_what_pandas_hashes_is_counted_over_the_whole_answer() -> None:
    caps = wire.Caps(indexed=6)
    levels = ["levels", [CELLS, CELLS], [None, None]]
    assert len(series_of(levels, category(), caps=caps)) == 2
    with pytest.raises(wire.WireError):
        series_of(levels, category(of=("text", ["a", "b", "c"])), caps=caps)


def series_of(index: Any, column: Any, caps: wire.Caps) -> Any:
    sent = Sent()
    return sent.arrive(wire.SERIES, [None, index, column(sent)], caps)


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({pd.Timestamp("2026-01-31"): [1]}),
        pd.Series([np.array([1, 2])]),
        pd.Series([[1]]),
        pd.Series([1], index=[pd.Timestamp("2026-01-31", tz="UTC")]),
        pd.Series(pd.Categorical([pd.Interval(0, 1)])),
        pd.Series([np.longdouble(1)]),
    ],
)
def test_the_encoder_refuses_what_the_decoder_would(table, parts_of) -> None:
    with pytest.raises(wire.WireError):
        parts_of(table)


@pytest.mark.parametrize("code", [2, -2, 256, 1 << 32, 1 << 40, -(1 << 63)])
def test_codes_are_looked_at_before_pandas_does(code: int) -> None:
    with pytest.raises(wire.WireError, match="codes of no category"):
        series(Sent(), column=category((0, code), "<i8"))
