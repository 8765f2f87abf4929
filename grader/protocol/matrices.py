"""scipy's CSR matrices on the wire.

scipy's C code trusts the numbers that say where values stand: a wrong one reads, and writes, other memory.
"""

from typing import Any

import numpy as np

from grader.protocol.arrays import Array
from grader.protocol.caps import WireError

_KINDS = ("csr_matrix", "csr_array")
_VALUES = "|b1 |i1 <i2 <i4 <i8 |u1 <u2 <u4 <u8 <f4 <f8 <c8 <c16".split()
"""What scipy's C code computes with."""
_PLACES = "<i4 <i8".split()
_ROWS = 10_000_000
_COLUMNS = 1 << 31
_CELLS = 1 << 26
"""A matrix is shown, and compared, as a dense one."""


def described(value: Any) -> list[Any] | None:
    """The parts of a CSR matrix; None for anything else."""
    if getattr(value, "format", None) != "csr" or type(value).__name__ not in _KINDS:
        return None
    shape = [int(side) for side in value.shape]
    if value.data.dtype.newbyteorder("<").str not in _VALUES:
        raise WireError("sparse_type_cannot_cross", type=str(value.data.dtype))
    return [type(value).__name__, shape, value.data, _places(value.indices), _places(value.indptr)]


def restored(body: Any) -> Any:
    """The matrix of these parts. Raises WireError where they don't make one."""
    from scipy import sparse  # noqa: PLC0415

    name, shape, data, indices, indptr = body
    if (
        type(name) is not str
        or name not in _KINDS
        or type(shape) is not list
        or [type(side) for side in shape] != [int, int]
    ):
        raise WireError("not_a_matrix")
    rows, columns = shape
    if not (0 <= rows <= _ROWS and 0 <= columns < _COLUMNS and rows * columns <= _CELLS):
        raise WireError("matrix_too_large")
    _one_dimensional(data, _VALUES)
    places, pointers = _widened(indices), _widened(indptr)
    if len(places) != len(data) or len(pointers) != rows + 1:
        raise WireError("matrix_lengths")
    check_places(places, pointers, columns)
    made = (sparse.csr_array if name == "csr_array" else sparse.csr_matrix)(
        (data, places, pointers), shape=(rows, columns)
    )
    made.check_format(full_check=True)
    return made


def check_places(indices: Array, pointers: Array, columns: int) -> None:
    """Raise WireError unless each row has its own part of the indices, and each index is a column's. Both are int64."""
    # compared and not subtracted: a difference can wrap
    if pointers[0] != 0 or pointers[-1] != len(indices) or (pointers[1:] < pointers[:-1]).any():
        raise WireError("matrix_pointers")
    if len(indices) and (indices.min() < 0 or indices.max() >= columns):
        raise WireError("matrix_index")


def _places(numbers: Array) -> Array:
    """As 32-bit or 64-bit integers, whatever they were."""
    if numbers.dtype.kind not in "iu":
        raise WireError("sparse_indices_cannot_cross", type=str(numbers.dtype))
    return numbers.astype(np.int32 if numbers.dtype == np.int32 else np.int64)


def _widened(numbers: Any) -> Array:
    return _one_dimensional(numbers, _PLACES).astype(np.int64)


def _one_dimensional(array: Any, types: list[str]) -> Array:
    if type(array) is not np.ndarray or array.ndim != 1 or array.dtype.str not in types:
        raise WireError("matrix_parts")
    return array
