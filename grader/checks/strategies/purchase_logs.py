"""Logs of views, carts and purchases; profiles and segments of customers.

Logs have up to 8 events of three users and three items. Prices are 0 to 30 dollars or not known. Ages are quarters of
days, below 0 where an event is still to come. Half-lives are 0.5 to 30 days. Shops have up to 6 profiles: recency 0 to
60 days, frequency 1 to 20, monetary 0 to 4,500 dollars.
"""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from hypothesis import strategies as st

Row = tuple[str, str, str, float, float]

DAY = 86_400
NOW = 100 * DAY
COLUMNS = ("recency", "frequency", "monetary")
UNKNOWN = math.nan


def log_of(*rows: Row) -> pd.DataFrame:
    """A log of rows (user, item, event, price, age in days at NOW)."""
    users, items, events, prices, ages = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    columns = {
        "user_id": pd.array(users, dtype="str"),
        "item_id": pd.array(items, dtype="str"),
        "event": pd.array(events, dtype="str"),
        "price": np.array(prices, np.float64),
        "timestamp": np.array([NOW - round(age * DAY) for age in ages], np.int64),
    }
    return pd.DataFrame(columns)


def profiles_of(**profiles: tuple[float, float, float]) -> pd.DataFrame:
    """Users' (recency, frequency, monetary), in the order given."""
    users = pd.Index(list(profiles), dtype="str", name="user_id")
    return pd.DataFrame(np.array([*profiles.values()], np.float64).reshape(-1, 3), index=users, columns=list(COLUMNS))


def segments_of(**segments: int) -> "pd.Series[int]":
    """Users' segments, in the order given."""
    return pd.Series(list(segments.values()), pd.Index(list(segments), dtype="str", name="user_id"), np.int64)


USERS = ("ann", "bob", "cy")

# Halves of dollars and quarters of days are exact in binary.
prices = st.sampled_from([4.0, 12.5, 30.0, 0.0, UNKNOWN])
half_lives = st.sampled_from([0.5, 2.5, 30.0])


def logs(youngest: float, size: int = 1) -> st.SearchStrategy[pd.DataFrame]:
    """`size` to 8 events of this age in days to six days more, in any order; an age below 0 is still to come."""
    ages = st.integers(round(4 * youngest), round(4 * youngest) + 24).map(lambda quarters: quarters / 4)
    rows = st.tuples(
        st.sampled_from(USERS), st.sampled_from("pqr"), st.sampled_from(["view", "cart", "buy", "buy"]), prices, ages
    )
    return st.lists(rows, min_size=size, max_size=8).map(lambda drawn: log_of(*drawn))


# Skewed as in life, so that logarithms matter; dollars vary most, and so do their logarithms.
profiles = st.tuples(
    st.sampled_from([0, 1, 3, 8, 20, 60]), st.sampled_from([1, 2, 4, 9, 20]), st.sampled_from([0, 15, 80, 600, 4500])
)


def shops(size: int) -> st.SearchStrategy[pd.DataFrame]:
    """`size` to 6 users."""
    names = ["fay", "ann", "eve", "bob", "dan", "cy"]
    drawn = st.lists(profiles, min_size=size, max_size=6)
    return drawn.map(lambda rows: profiles_of(**dict(zip(names, rows, strict=False))))


class Question(NamedTuple):
    """The arguments of `recommend` but for `now`, which is NOW."""

    user: str
    events: pd.DataFrame
    segments: "pd.Series[int]"
    n: int
    half_life: float


questions = st.builds(
    Question,
    st.sampled_from(["ann", "ann", "ann", "zoe"]),
    logs(youngest=-2, size=5),
    st.dictionaries(st.sampled_from(USERS), st.integers(0, 1), min_size=2).map(lambda drawn: segments_of(**drawn)),
    st.integers(1, 3),
    half_lives,
)


def busy_day(seed: int) -> pd.DataFrame:
    """50,000 events of 5,000 users."""
    rng = np.random.default_rng(seed)
    size = 50_000
    columns = {
        "user_id": np.char.add("u", rng.integers(0, 5_000, size).astype(str)),
        "item_id": np.char.add("i", rng.integers(0, 500, size).astype(str)),
        "event": rng.choice(["view", "cart", "buy"], size),
        "price": rng.integers(1, 200, size) / 2,
        "timestamp": rng.integers(0, NOW, size),
    }
    return pd.DataFrame(columns)
