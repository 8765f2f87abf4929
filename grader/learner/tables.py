"""pandas tables and scipy's CSR matrices on the wire, as plain lists and arrays."""

import math
from typing import Any

import numpy as np

from grader.learner import wire

_CELLS = (str, int, float, bool, type(None))
_COLUMNS = 2000
_ROWS = 10_000_000
"""A range index is three integers on the wire, not in memory."""


def described(value: Any) -> tuple[int, Any] | None:
    """The code and body of a table; None for anything else."""
    if type(value).__module__.startswith("scipy."):
        return _described_csr(value)
    import pandas as pd  # noqa: PLC0415

    if type(value) is pd.DataFrame:
        columns = [_column(value.iloc[:, i]) for i in range(value.shape[1])]
        return wire.FRAME, [_labels(value.columns), _labels(value.columns.names), _index(value.index), columns]
    if type(value) is pd.Series:
        return wire.SERIES, [_label(value.name), _index(value.index), _column(value)]
    return None


def restored(code: int, body: Any) -> Any:
    """The table that `described` described. Raises WireError, or an error of pandas' own, for what is none."""
    if code == wire.CSR:
        return _restored_csr(*body)
    import pandas as pd  # noqa: PLC0415

    if code == wire.SERIES:
        name, index, column = body
        return _series(column, _restored_index(index), _hashable(name))
    labels, names, index, columns = body
    if len(columns) > _COLUMNS or len(labels) != len(columns):
        raise wire.WireError("too many columns, or not one label each")
    rows = _restored_index(index)
    frame = pd.DataFrame({i: _series(column, rows) for i, column in enumerate(columns)}, index=rows)
    frame.columns = pd.Index(
        [_hashable(label) for label in labels], name=_hashable(names[0]) if len(names) == 1 else None
    )
    return frame


def _column(column: Any) -> list[Any]:
    import pandas as pd  # noqa: PLC0415

    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        values: Any = column if isinstance(column, pd.Index) else column.cat
        return ["category", np.asarray(values.codes), _column(pd.Index(dtype.categories)), bool(dtype.ordered)]
    if isinstance(dtype, np.dtype) and dtype.kind in "biufcMm":
        return ["array", column.to_numpy()]
    cells = [None if cell is pd.NA or cell is None or cell != cell else _label(cell) for cell in column.tolist()]  # noqa: PLR0124  NaN
    if not all(type(cell) in _CELLS for cell in cells):
        raise wire.WireError(f"a column of {dtype} can't cross")
    return ["text" if isinstance(dtype, pd.StringDtype) else "object", cells]


def _values(described: Any) -> Any:
    import pandas as pd  # noqa: PLC0415

    kind, cells, *rest = described
    if kind == "category":
        categories, ordered = rest
        return pd.Categorical.from_codes(cells, _plain_index(categories), ordered=bool(ordered))
    if kind == "array" and type(cells) is np.ndarray and cells.ndim == 1:
        return cells
    if kind in ("text", "object") and type(cells) is list and all(type(cell) in _CELLS for cell in cells):
        return pd.array(cells, dtype="str") if kind == "text" else np.array(cells, dtype=object)
    raise wire.WireError("not a column")


def _index(index: Any) -> list[Any]:
    import pandas as pd  # noqa: PLC0415

    if isinstance(index, pd.RangeIndex):
        return ["range", [index.start, index.stop, index.step], _label(index.name)]
    if isinstance(index, pd.MultiIndex):
        levels = [_column(index.get_level_values(i)) for i in range(index.nlevels)]
        return ["levels", levels, _labels(index.names)]
    return ["column", _column(index), _label(index.name)]


def _restored_index(described: Any) -> Any:
    import pandas as pd  # noqa: PLC0415

    kind, body, name = described
    if kind == "range":
        rows = range(*body)
        if len(rows) > _ROWS:
            raise wire.WireError("too many rows")
        return pd.RangeIndex(rows, name=_hashable(name))
    if kind == "levels":
        return pd.MultiIndex.from_arrays(
            [_plain_index(level) for level in body], names=[_hashable(each) for each in name]
        )
    return _plain_index(body, _hashable(name))


def _series(described: Any, rows: Any, name: Any = None) -> Any:
    import pandas as pd  # noqa: PLC0415

    return pd.Series(_values(described), index=rows, name=name, dtype=_dtype(described))


def _plain_index(described: Any, name: Any = None) -> Any:
    import pandas as pd  # noqa: PLC0415

    return pd.Index(_values(described), name=name, dtype=_dtype(described))


def _dtype(described: Any) -> Any:
    """What is an object column stays one; by itself pandas would look at what is in it."""
    return object if described[0] == "object" else None


def _described_csr(value: Any) -> tuple[int, Any] | None:
    if getattr(value, "format", None) != "csr" or type(value).__name__ not in ("csr_matrix", "csr_array"):
        return None
    shape = [int(side) for side in value.shape]
    return wire.CSR, [type(value).__name__, shape, value.data, value.indices, value.indptr]


def _restored_csr(name: str, shape: list[int], data: Any, indices: Any, indptr: Any) -> Any:
    from scipy import sparse  # noqa: PLC0415

    rows, columns = shape
    for part, kinds in ((data, "biufc"), (indices, "i"), (indptr, "i")):
        if type(part) is not np.ndarray or part.ndim != 1 or part.dtype.kind not in kinds:
            raise wire.WireError("not a CSR matrix")
    # scipy's C code trusts these: an index out of range reads other memory.
    fits = 0 <= rows == len(indptr) - 1 <= _ROWS and len(indices) == len(data) and 0 <= columns < 1 << 31
    if not fits or indptr[0] != 0 or indptr[-1] != len(indices) or (np.diff(indptr) < 0).any():
        raise wire.WireError("not a CSR matrix")
    if len(indices) and (indices.min() < 0 or indices.max() >= columns):
        raise wire.WireError("not a CSR matrix")
    make = sparse.csr_array if name == "csr_array" else sparse.csr_matrix
    return make((data, indices, indptr), shape=(rows, columns))


def _label(value: Any) -> Any:
    plain = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(plain, float) and math.isnan(plain) else plain


def _labels(values: Any) -> list[Any]:
    return [_label(value) for value in values]


def _hashable(value: Any) -> Any:
    if type(value) in _CELLS or (type(value) is tuple and all(type(part) in _CELLS for part in value)):
        return value
    raise wire.WireError("not a label")
