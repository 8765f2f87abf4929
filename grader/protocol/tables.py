"""pandas tables and scipy's CSR matrices on the wire, as plain lists and arrays.

What comes is checked before pandas sees it: its compiled code trusts codes, lengths and the kinds of labels.
"""

from typing import Any

from grader.protocol import codes, matrices
from grader.protocol import columns as cells
from grader.protocol.caps import Count, WireError

_COLUMNS = 2000
_ROWS = 10_000_000
"""A range index is three integers on the wire, not in memory."""
_BOUND = 1 << 62
"""Of a range index: the end and one step more are still 64-bit integers."""
_LEVELS = 16


def described(value: Any) -> tuple[int, Any] | None:
    """The code and body of a table; None for anything else."""
    if type(value).__module__.startswith("scipy."):
        matrix = matrices.described(value)
        return None if matrix is None else (codes.CSR, matrix)
    import pandas as pd  # noqa: PLC0415

    if type(value) is pd.DataFrame:
        columns = [cells.described(value.iloc[:, i]) for i in range(value.shape[1])]
        return codes.FRAME, [_labels(value.columns), _labels(value.columns.names), _index(value.index), columns]
    if type(value) is pd.Series:
        return codes.SERIES, [cells.label(value.name), _index(value.index), cells.described(value)]
    return None


def restored(code: int, body: Any, count: Count) -> Any:
    """The table that `described` described. Raises WireError, or an error of pandas' own, for what is none."""
    if type(body) is not list:
        raise WireError("not_a_table")
    if code == codes.CSR:
        return matrices.restored(body)
    if code == codes.SERIES:
        name, index, column = body
        return _series(column, _restored_index(index, count), count, cells.checked_label(name))
    return _frame(*body, count=count)


def _frame(labels: Any, names: Any, index: Any, columns: Any, *, count: Count) -> Any:
    import pandas as pd  # noqa: PLC0415

    if {type(part) for part in (labels, names, columns)} != {list}:
        raise WireError("not_a_table")
    if len(columns) > _COLUMNS or len(labels) != len(columns):
        raise WireError("too_many_columns")
    rows = _restored_index(index, count)
    titles = _restored_labels(labels, names)
    frame = pd.DataFrame({i: _series(column, rows, count) for i, column in enumerate(columns)}, index=rows)
    frame.columns = titles
    return frame


def _series(described: Any, rows: Any, count: Count, name: Any = None) -> Any:
    import pandas as pd  # noqa: PLC0415

    values = cells.restored(described, count)
    if len(values) != len(rows):
        raise WireError("column_length")
    return pd.Series(values, index=rows, name=name, dtype=cells.dtype_of(described))


def _index(index: Any) -> list[Any]:
    import pandas as pd  # noqa: PLC0415

    if isinstance(index, pd.RangeIndex):
        return ["range", [index.start, index.stop, index.step], cells.label(index.name)]
    if isinstance(index, pd.MultiIndex):
        levels = [cells.described(index.get_level_values(i)) for i in range(index.nlevels)]
        return ["levels", levels, _labels(index.names)]
    return ["column", cells.described(index), cells.label(index.name)]


def _restored_index(described: Any, count: Count) -> Any:
    if type(described) is not list:
        raise WireError("not_an_index")
    kind, body, name = described
    if kind == "range":
        return _range(body, cells.checked_label(name))
    if kind == "levels":
        return _restored_levels(body, name, count)
    if kind == "column":
        return cells.restored_index(body, count, cells.checked_label(name))
    raise WireError("not_an_index")


def _range(body: Any, name: Any) -> Any:
    import pandas as pd  # noqa: PLC0415

    if type(body) is not list or [type(part) for part in body] != [int, int, int]:
        raise WireError("range_not_integers")
    if not all(-_BOUND <= part <= _BOUND for part in body) or body[2] == 0:
        raise WireError("range_too_large")
    rows = range(*body)
    if len(rows) > _ROWS:
        raise WireError("too_many_rows")
    return pd.RangeIndex(rows, name=name)


def _restored_levels(levels: Any, names: Any, count: Count) -> Any:
    import pandas as pd  # noqa: PLC0415

    if type(levels) is not list or type(names) is not list or not 0 < len(levels) == len(names) <= _LEVELS:
        raise WireError("too_many_levels")
    lengths = [cells.length(level) for level in levels]
    count(sum(lengths))
    if len(set(lengths)) > 1:
        raise WireError("level_lengths")
    arrays = [cells.restored_index(level, count) for level in levels]
    return pd.MultiIndex.from_arrays(arrays, names=[cells.checked_label(name) for name in names])


def _restored_labels(labels: list[Any], names: list[Any]) -> Any:
    """The titles of columns. Tuples are levels, so they are of equal length: pandas may read as many of each."""
    import pandas as pd  # noqa: PLC0415

    titles = [cells.checked_label(label) for label in labels]
    called = [cells.checked_label(name) for name in names]
    widths = {len(title) if type(title) is tuple else 0 for title in titles}
    if len(widths) > 1:
        raise WireError("label_lengths")
    if not any(widths):
        return pd.Index(titles, name=called[0] if len(called) == 1 else None)
    return pd.MultiIndex.from_tuples(titles, names=called if {len(called)} == widths else None)


def _labels(values: Any) -> list[Any]:
    return [cells.label(value) for value in values]
