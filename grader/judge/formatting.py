"""Values as a learner may read them: short, exact, harmless on a terminal."""

import math
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from grader.judge.proxies import RemoteObject, shown_as
from grader.protocol.errors import LearnerRaised
from grader.sentences import ENGLISH
from grader.text import harmless

LIMIT = 700
"""Characters of one value."""
_ITEMS = 24
_CELLS = 60
_FAR = 40
"""Columns: what has several lines begins no further to the right."""
_TABLE = 2
"""Dimensions: of a larger array with more, the corners tell nothing."""


def value(thing: Any) -> str:
    """One value, in the notation in which it could be typed again where that is short."""
    try:
        return _cut(_shown(thing, 6))
    except Exception:  # noqa: BLE001  pandas has its own troubles with dates out of range; whatever came back, it's not our fault
        return f"<{type(thing).__name__}>"


def call(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """One call."""
    words = f"{name}("
    for number, (key, argument) in enumerate([*(("", each) for each in args), *kwargs.items()]):
        words += (", " if number else "") + (f"{key}=" if key else "")
        shown = value(argument)
        if "\n" in shown and _column(words) > _FAR:
            words = f"{words.rstrip()}\n    "
        # a value of several lines stays aligned under its own beginning
        words += shown.replace("\n", "\n" + " " * _column(words))
    return f"{words})"


def _column(words: str) -> int:
    return len(words) - words.rfind("\n") - 1


def answered(asked: str, answer: Any) -> str:
    """One call and what came back."""
    shown = value(answer)
    return f"{asked}\n  -> " + shown.replace("\n", "\n     ") if "\n" in asked + shown else f"{asked} -> {shown}"


def text(words: str) -> str:
    """A learner's own text, harmless and cut."""
    return harmless(_cut(words))


def expected(operator: str, right: Any) -> str:
    """The right side of a comparison that failed."""
    approximate = getattr(right, "expected", None)
    if approximate is not None and type(right).__module__.startswith("_pytest"):
        return value(approximate) if operator == "==" else f"{operator} {value(approximate)}"
    return value(right) if operator == "==" else f"{operator} {value(right)}"


def _shown(thing: Any, depth: int) -> str:
    if depth < 0:
        return "..."
    kind = type(thing)
    if kind in _SHOWN:
        return _SHOWN[kind](thing, depth)
    if isinstance(thing, np.generic):
        return repr(thing.item())
    if isinstance(thing, LearnerRaised):
        return text(ENGLISH.sentence(thing.reason))
    if kind.__module__.partition(".")[0] in ("pandas", "scipy"):
        return _table(thing, depth)
    return _cut(repr(thing)) if kind.__module__ == "builtins" else f"<{kind.__name__}>"


def _mapping(thing: dict[Any, Any], depth: int) -> str:
    pairs = (f"{_shown(key, depth - 1)}: {_shown(item, depth - 1)}" for key, item in thing.items())
    return "{" + _listed(pairs, len(thing)) + "}"


def _listed(shown: Iterator[str], many: int) -> str:
    """The first parts of many; no more are made than can be shown, since every part may have as many again."""
    parts, room = [], LIMIT
    for part in islice(shown, _ITEMS):
        parts.append(part)
        room -= len(part)
        if room < 0:
            break
    return ", ".join([*parts, *(["..."] if len(parts) < many else [])])


def _table(thing: Any, depth: int) -> str:
    """A table as it could be typed again, its index where that isn't 0, 1, 2, ..."""
    kind = type(thing).__name__
    if hasattr(thing, "toarray"):
        return _matrix(thing, kind)
    if kind == "DataFrame":
        columns = islice(thing.items(), _ITEMS + 1)
        body = _shown({str(name): _head(column) for name, column in columns}, depth)
    elif kind == "Series":
        body = _shown(_head(thing), depth)
    else:
        return text(str(thing))
    return f"pd.{kind}({body}{_rows(thing.index, depth)})"


def _head(column: Any) -> list[Any]:
    """What can be shown of a column, and one more where there is more: a whole one may fill the memory."""
    cells: list[Any] = column.iloc[: _ITEMS + 1].tolist()
    return cells


def _rows(index: Any, depth: int) -> str:
    """The index, where it isn't 0, 1, 2, ..."""
    head = index[: _ITEMS + 1].tolist()
    counts = head == list(range(len(head)))
    if counts and len(index) > len(head):
        counts = index.dtype.kind in "iuf" and bool((index.to_numpy() == np.arange(len(index))).all())
    return "" if counts else f", index={_shown(head, depth)}"


def _matrix(thing: Any, kind: str) -> str:
    """A sparse matrix as it could be made from a dense one."""
    if math.prod(thing.shape) > _CELLS:
        return f"<{kind} of shape {thing.shape}>"
    dense = _array(thing.toarray(), 0)
    return f"{kind}({dense})".replace("\n", "\n" + " " * (len(kind) + 1))


def _float(thing: float, _: int) -> str:
    return repr(thing) if math.isfinite(thing) else f'float("{thing}")'


def _remote_object(thing: RemoteObject, depth: int) -> str:
    kept = shown_as(thing)
    return repr(kept) if kept is thing else _shown(kept, depth - 1)


def _sequence(items: Any, depth: int) -> str:
    kind = type(items)
    if all(type(item) is np.ndarray for item in items) and sum(item.size for item in items) > _CELLS:
        return f"[{', '.join(map(_described, items))}]"  # a model's weights
    inside = _listed((_shown(item, depth - 1) for item in items), len(items))
    if kind is list:
        return f"[{inside}]"
    if kind is tuple:
        return f"({inside},)" if len(items) == 1 else f"({inside})"
    if not items:
        return f"{kind.__name__}()"
    return "{" + inside + "}" if kind is set else "frozenset({" + inside + "})"


def _described(array: np.ndarray[Any, Any]) -> str:
    return f"<{array.dtype} array of shape {array.shape}>"


def _array(array: np.ndarray[Any, Any], _: int) -> str:
    if array.size > _CELLS and array.ndim > _TABLE:
        return _described(array)
    with np.printoptions(precision=6, threshold=_CELLS, suppress=True, linewidth=90):
        body = np.array2string(array, separator=", ", prefix="np.array(").replace("nan", "np.nan")
    kind = (
        "" if array.dtype in (np.float64, np.int64, np.bool_) or array.dtype.kind == "U" else f", dtype={array.dtype}"
    )
    shape = f" of shape {array.shape}" if 0 in array.shape or array.size > _CELLS else ""
    return f"np.array({text(body)}{kind}){shape}"


def _cut(words: str) -> str:
    return words if len(words) <= LIMIT else f"{words[:LIMIT]}... ({len(words):,} characters)"


_SHOWN: dict[type, Callable[[Any, int], str]] = {
    np.ndarray: _array,
    RemoteObject: _remote_object,
    dict: _mapping,
    float: _float,
    **dict.fromkeys((list, tuple, set, frozenset), _sequence),
}
