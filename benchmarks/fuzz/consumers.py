"""Every way in which checks and failure texts use an answer."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from benchmarks.fuzz import tabular
from grader.judge import formatting

_PARTS = 12
_SHARES = 3
_LARGE = 200_000
"""Cells: of what has more, only the shown part is used."""
Use = Callable[[Any, Any], Any]
"""Uses a value and an equal one."""

PLAIN: tuple[Use, ...] = (
    lambda one, _: hash(one),
    lambda one, _: {one: 1},
    lambda one, other: {one, other},
    lambda one, _: set(one),
    lambda one, _: dict.fromkeys(one),
    lambda one, _: sorted(one),
    lambda one, _: sorted(one, key=lambda part: part[0]),
    lambda one, _: [*one, len(one)],
    lambda one, _: dict(one),
    lambda one, _: max(one),
    lambda one, _: sum(one),
    lambda one, _: one[0],
    lambda one, _: float(one),
    lambda one, _: round(one, 3),
    lambda one, _: one.item(),
    lambda one, other: bool(one == other),
    lambda one, other: bool(one != other),
    lambda one, other: one < other,
    lambda one, other: one - other,
    lambda one, other: [one] == [other],
    lambda one, other: {"a": one} == {"a": other},
)
APPROXIMATE: tuple[Use, ...] = (
    lambda one, other: one == pytest.approx(other),
    lambda one, other: one == pytest.approx(other, abs=1e-9),
    lambda one, other: one == pytest.approx(other, rel=1e-5, abs=1e-5, nan_ok=True),
    lambda one, _: one == pytest.approx(0.5),
    lambda one, _: one == pytest.approx([0.5, 1.0]),
    lambda one, _: one == pytest.approx({"a": 0.5}),
    lambda one, _: one == pytest.approx(np.array([[0.5, 1.0]])),
    lambda one, _: one == pytest.approx(np.zeros(3), abs=1e-12),
    lambda one, _: [one] == pytest.approx([one]),
    lambda one, other: repr(pytest.approx(other)) and repr(one),
    lambda one, other: pytest.approx(other)._repr_compare(one),  # noqa: SLF001  what pytest does when it fails
    lambda one, _: pytest.approx(np.zeros(3))._repr_compare(one),  # noqa: SLF001
    lambda one, _: pytest.approx([0.0, 1.0])._repr_compare(one),  # noqa: SLF001
)
NUMERIC: tuple[Use, ...] = (
    np.testing.assert_array_equal,
    lambda one, other: np.testing.assert_allclose(one, other, rtol=1e-7),
    lambda one, _: np.testing.assert_allclose(one, np.zeros(np.shape(one))),
    np.testing.assert_array_almost_equal,
    np.allclose,
    lambda one, other: np.array_equal(one, other, equal_nan=True),
    lambda one, _: np.asarray(one).astype(float),
    lambda one, _: np.asarray(one, dtype=np.float64).sum(axis=-1),
    lambda one, _: np.asarray(one).astype(str),
    lambda one, _: np.asarray(one).astype(object),
    lambda one, _: np.asarray(one).tolist(),
    lambda one, _: np.asarray(one).astype(np.int64),
    lambda one, _: set(np.asarray(one).ravel().tolist()),
    lambda one, _: np.sort(one, axis=None),
    lambda one, _: np.argsort(one, axis=-1, kind="stable"),
    lambda one, _: np.unique(one, return_inverse=True),
    lambda one, _: np.unique(one, axis=0),
    lambda one, _: np.searchsorted(np.ravel(one), np.ravel(one)),
    lambda one, _: np.isin(one, one),
    lambda one, _: np.isfinite(one).all(),
    lambda one, _: np.bincount(one),
    lambda one, _: np.flatnonzero(one),
    lambda one, _: np.zeros(5)[one],
    lambda one, _: np.take_along_axis(np.zeros((4, 4)), one, axis=1),
    lambda one, _: np.ptp(one),
    lambda one, _: np.median(one),
    lambda one, _: np.cumsum(one),
    lambda one, _: np.diff(one),
    lambda one, _: np.round(one, 6),
    lambda one, _: np.abs(one) > 0,
    lambda one, other: np.concatenate([one, other]),
    lambda one, other: np.column_stack([one, other]),
    lambda one, other: np.where(one == other, one, 0),
    lambda one, other: one @ other.T,
    lambda one, _: np.linalg.norm(one, axis=-1),
    lambda one, _: np.array2string(one),
    lambda one, _: repr(one) + str(one),
    lambda one, _: np.char.upper(one),
    lambda one, _: one.argmax(axis=-1),
)


def use(value: Any, twin: Any, share: int | None = None) -> None:
    """Use a value, and its parts, in every way, or in the third of them that this number chooses.

    Raises whatever showing raises, and a SystemError of any way.
    """
    ways = slice(None) if share is None else slice(share % _SHARES, None, _SHARES)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for one, other in _pairs(value, twin):
            show_all(one)
            if not is_large(one):
                for each in uses_of(one)[ways]:
                    _used(each, one, other)


def uses_of(value: Any) -> tuple[Use, ...]:
    """The ways for a value of this kind."""
    special = tabular.uses_of(value)
    return special if special is not None else (*PLAIN, *APPROXIMATE, *NUMERIC)


def is_large(value: Any) -> bool:
    """Whether all ways together would take long for an honest reason."""
    shape = getattr(value, "shape", None)
    return type(shape) is tuple and bool(np.prod([float(side) for side in shape]) > _LARGE or max((*shape, 0)) > _LARGE)


def _pairs(value: Any, twin: Any) -> Iterator[tuple[Any, Any]]:
    """The value with its twin, and each of the first parts with its own."""
    yield value, twin
    if type(value) in (list, tuple):
        for one, other in list(zip(value, twin, strict=True))[:_PARTS]:
            yield from _pairs(one, other)
    elif type(value) is dict:
        yield from _pairs(list(value.values()), list(twin.values()))


def show_all(value: Any) -> None:
    """A failure is shown whatever came back."""
    formatting.value(value)
    formatting.answered(formatting.call("asked", (value,), {"again": [value]}), value)
    formatting.expected("==", value)


def _used(way: Use, one: Any, other: Any) -> None:
    try:
        way(one, other)
    except SystemError:  # native code met what it had been promised not to meet
        raise
    except (Exception, pytest.fail.Exception):  # noqa: BLE001  a complaint in words makes a check fail
        pass
