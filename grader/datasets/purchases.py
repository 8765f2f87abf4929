"""CDNOW: what the customers of a real web shop bought. `fixtures/data/cdnow/README.md` says where it comes from."""

import hashlib
import io
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from grader.content.catalog import content_root
from grader.datasets.arrays import Ints, read_only
from grader.model import GraderError

if TYPE_CHECKING:
    import pandas as pd

SHA256 = "382423952124e1e07c45fdf8047868f96ec36531da276a4c7d07ec6e9409f8e0"
FIRST_DAY = np.datetime64("1997-01-01", "ns")


def cdnow() -> "pd.DataFrame":
    """69,659 purchases of 23,570 customers who came to CDNOW in the first quarter of 1997, until 1998-06-30.

    Columns: customer_id (int, 1 to 23,570), date (datetime64[ns], a day), quantity (int, CDs), price (float, dollars,
    of the whole purchase). Rows by customer, then date. A new frame each time.
    """
    import pandas as pd  # noqa: PLC0415  slow to import

    stored = _columns(content_root() / "fixtures" / "data" / "cdnow" / "cdnow.npz")
    return pd.DataFrame(
        {
            "customer_id": stored["customer_id"].copy(),
            "date": FIRST_DAY + stored["day"].astype("timedelta64[D]"),
            "quantity": stored["quantity"].copy(),
            "price": stored["cents"] / 100,
        }
    )


@cache
def _columns(path: Path) -> dict[str, Ints]:
    """The stored columns, read once per process. Raises GraderError for a file that isn't the one we shipped."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise GraderError(f"{path.name} can't be read ({error.strerror}): reinstall shopkata") from None
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise GraderError(f"{path.name} isn't the file that was shipped (sha256 {found[:12]}…): reinstall shopkata")
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        return {name: read_only(stored[name].astype(np.int64)) for name in stored.files}
