"""One column of a table on the wire: an array, categories, or plain cells; and labels."""

import math
from typing import Any

import numpy as np

from grader.protocol.arrays import Array
from grader.protocol.caps import Count, WireError

_CELLS = (str, int, float, bool, type(None))
_ARRAYS = "biufcMm"
_CODES = "<i4 <i8".split()


def described(column: Any) -> list[Any]:
    """A series or an index as plain lists and arrays."""
    import pandas as pd  # noqa: PLC0415

    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        holder: Any = column if isinstance(column, pd.Index) else column.cat
        codes = np.asarray(holder.codes)
        wide = codes.astype(np.int64 if codes.dtype == np.int64 else np.int32)
        return ["category", wide, described(pd.Index(dtype.categories)), bool(dtype.ordered)]
    if isinstance(dtype, np.dtype) and dtype.kind in _ARRAYS:
        return ["array", column.to_numpy()]
    is_text = isinstance(dtype, pd.StringDtype)
    return ["text" if is_text else "object", [_cell(cell, dtype) for cell in column.tolist()]]


def restored(described: Any, count: Count) -> Any:
    """The values of a column. Raises WireError, or an error of pandas' own, for what is none."""
    import pandas as pd  # noqa: PLC0415

    if type(described) is not list or len(described) < len(("kind", "cells")):
        raise WireError("not_a_column")
    kind, cells, *rest = described
    if kind == "category":
        return _categorical(cells, *rest, count=count)
    if rest:
        raise WireError("not_a_column")
    if kind == "array" and type(cells) is np.ndarray and cells.ndim == 1 and cells.dtype.kind in _ARRAYS:
        return cells
    if kind == "text" and type(cells) is list and all(type(cell) is str or cell is None for cell in cells):
        return pd.array(cells, dtype="str")
    if kind == "object" and type(cells) is list and all(type(cell) in _CELLS for cell in cells):
        return np.array(cells, dtype=object)
    raise WireError("not_a_column")


def restored_index(described: Any, count: Count, name: Any = None) -> Any:
    """The column as an index."""
    import pandas as pd  # noqa: PLC0415

    return pd.Index(restored(described, count), name=name, dtype=dtype_of(described))


def length(described: Any) -> int:
    """How many cells a column has, before it is restored."""
    if type(described) is not list or len(described) < len(("kind", "cells")):
        raise WireError("not_a_column")
    return len(described[1])


def dtype_of(described: Any) -> Any:
    """What is an object column stays one; by itself pandas would look at what is in it."""
    return object if described[0] == "object" else None


def label(value: Any) -> Any:
    """A name of a column or of an index, ready to cross."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, float) and math.isnan(plain):
        return None
    return tuple(map(label, plain)) if type(plain) is tuple else plain


def checked_label(value: Any) -> Any:
    """The label, if it is one: a plain value, or some in a tuple."""
    if type(value) in _CELLS or (type(value) is tuple and value and all(type(part) in _CELLS for part in value)):
        return value
    raise WireError("not_a_label")


def _categorical(codes: Any, categories: Any, ordered: Any, *, count: Count) -> Any:
    import pandas as pd  # noqa: PLC0415

    if type(codes) is not np.ndarray or codes.ndim != 1 or codes.dtype.str not in _CODES or type(ordered) is not bool:
        raise WireError("not_categories")
    if type(categories) is not list or categories[:1] == ["category"]:
        raise WireError("not_categories")
    count(length(categories))
    each = restored_index(categories, count)
    _check_codes(codes.astype(np.int64), len(each))
    return pd.Categorical.from_codes(codes, each, ordered=ordered)


def _check_codes(codes: Array, categories: int) -> None:
    if len(codes) and (codes.min() < -1 or codes.max() >= categories):
        raise WireError("codes_of_no_category")


def _cell(cell: Any, dtype: Any) -> Any:
    import pandas as pd  # noqa: PLC0415

    if cell is pd.NA or cell is pd.NaT:
        return None
    plain = label(cell)
    if type(plain) not in _CELLS:
        raise WireError("column_cannot_cross", type=str(dtype))
    return plain
