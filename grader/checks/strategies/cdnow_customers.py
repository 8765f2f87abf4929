"""Customers of a real shop in 1997, and who of them bought in 1998 (CDNOW: Fader & Hardie 2001)."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grader import datasets

# Read once, where the module is imported: a judge keeps it for every submission.
CDNOW = datasets.cdnow()
YEAR = 883_612_800
"""1998-01-01, in seconds since 1970."""


class Customers(NamedTuple):
    """What some customers did before YEAR, and after."""

    events: pd.DataFrame
    """A log of purchases before YEAR; item_id is the same for all."""
    spent: "pd.Series[float]"
    """Dollars before YEAR, by user_id."""
    buys: NDArray[np.float64]
    """1 for those of `spent` who bought after it, else 0."""


def customers(n: int, seed: int) -> Customers:
    """So many of the shop's customers, chosen at random."""
    chosen = np.random.default_rng(seed).choice(CDNOW["customer_id"].unique(), n, replace=False)
    purchases = CDNOW[CDNOW["customer_id"].isin(chosen)].rename(columns={"customer_id": "user_id"})
    time = purchases["date"].astype("datetime64[s]").astype(np.int64)
    purchases = purchases.assign(user_id="c" + purchases["user_id"].astype(str), timestamp=time)
    past, later = purchases[time < YEAR], purchases[time >= YEAR]
    events = past[["user_id", "price", "timestamp"]].assign(item_id="cd", event="buy")
    spent = past.groupby("user_id")["price"].sum()
    return Customers(events, spent, spent.index.isin(later["user_id"]).astype(float))
