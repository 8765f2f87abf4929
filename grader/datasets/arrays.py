"""Arrays that are shared by all who ask, and so can't be written to."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """The same array, from now on not to be written to."""
    array.flags.writeable = False
    return array


class Table:
    """Columns of equal length: a base for frozen dataclasses, which makes their arrays read-only."""

    def __post_init__(self) -> None:
        for column in self._columns().values():
            if isinstance(column, np.ndarray):
                read_only(column)

    def __len__(self) -> int:
        return len(next(iter(self._columns().values())))

    def frame(self) -> "pd.DataFrame":
        """A new DataFrame of the columns of one dimension, in their order."""
        import pandas as pd  # noqa: PLC0415  slow to import

        flat = {name: column for name, column in self._columns().items() if getattr(column, "ndim", 1) == 1}
        return pd.DataFrame({name: np.array(column) for name, column in flat.items()})

    def _columns(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]
