"""What crosses between judge and worker arrives as it went, in exact types; what can't cross is refused."""

from collections import Counter, OrderedDict, defaultdict
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from grader.protocol import wire

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


@given(nested)
def test_plain_values_arrive_as_they_went(crossed, same, value: Any) -> None:
    assert same(value, crossed(value))


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
def test_what_is_not_exactly_a_plain_value_is_refused(value: Any, crossed) -> None:
    for each in (value, [value], (value,), {"key": value}):
        with pytest.raises(wire.WireError):
            crossed(each)


@pytest.mark.parametrize("kind", [Counter, OrderedDict, partial(defaultdict, int)])
def test_the_standard_library_s_mappings_arrive_as_dicts(kind: Any, crossed) -> None:
    arrived = crossed([kind({"a": 1, "b": 2})])
    assert arrived == [{"a": 1, "b": 2}]
    assert type(arrived[0]) is dict


def test_what_contains_itself_is_refused(crossed) -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(wire.WireError):
        crossed(endless)
