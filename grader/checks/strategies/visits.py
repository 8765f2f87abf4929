"""Logs of events for sessions and splits: who met what, and when.

Logs have 2 to 9 events of three users and four items, ten minutes apart or a multiple of it, some of them at the same
time. Labels of rows are 10 and up, in any order. Gaps are 0 to half an hour, cutoffs within the log.
"""

import math

import numpy as np
import pandas as pd
from hypothesis import strategies as st

Row = tuple[int, str, str, float]

COLUMNS = ["user_id", "item_id", "timestamp", "price"]


def log_of(*rows: Row) -> pd.DataFrame:
    """A log of rows (label, user, item, timestamp). A price is a tenth of the label, so that it tells whose it was."""
    labels, users, items, times = zip(*rows, strict=True) if rows else ((), (), (), ())
    columns = {
        "user_id": pd.array(users, dtype="str"),
        "item_id": pd.array(items, dtype="str"),
        "timestamp": np.array(times, np.float64 if any(map(math.isnan, times)) else np.int64),
        "price": np.array(labels, np.float64) / 10,
    }
    return pd.DataFrame(columns, index=pd.Index(labels, dtype=np.int64))


TICK = 600

# Ten minutes apart, so that pauses of nothing, of just the gap and of a little more are common.
ticks = st.integers(0, 9)
gaps = st.sampled_from([TICK, 2 * TICK, 3 * TICK, TICK - 1, 2 * TICK + 1, 0])
cutoffs = st.sampled_from([3 * TICK, 4 * TICK, 5 * TICK, 6 * TICK + 1])


@st.composite
def logs(draw: st.DrawFn, size: int = 2) -> pd.DataFrame:
    """`size` to 9 events of up to three users and items, in any order, under any labels; some without price."""
    row = st.tuples(st.sampled_from(["ann", "bob", "cy"]), st.sampled_from("pqrs"), ticks)
    rows = draw(st.lists(row, min_size=size, max_size=9))
    labels = draw(st.permutations(range(10, 10 + len(rows))))
    log = log_of(*((label, user, item, TICK * tick) for label, (user, item, tick) in zip(labels, rows, strict=True)))
    return log.assign(price=log["price"].where(log.index % 3 > 0))


@st.composite
def shuffled_logs(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A log, and the same rows in another order."""
    log = draw(logs(4))
    return log, log.iloc[draw(st.permutations(range(len(log))))]


def many_users(seed: int) -> pd.DataFrame:
    """50,000 events of 10,000 users within three weeks."""
    rng = np.random.default_rng(seed)
    size = 50_000
    columns = {
        "user_id": np.char.add("u", rng.integers(0, 10_000, size).astype(str)),
        "item_id": np.char.add("i", rng.integers(0, 500, size).astype(str)),
        "timestamp": rng.integers(0, 21 * 86_400, size),
    }
    return pd.DataFrame(columns, index=rng.permutation(size) + 10)
