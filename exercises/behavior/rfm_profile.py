"""Customer profiles by recency, frequency and monetary value, and what to do with them. The task: rfm_profile.md.

You may import the standard library, numpy, pandas and sklearn; no other library, such as scipy or keras.
"""

import pandas as pd


def rfm_features(events: pd.DataFrame, now: int, half_life_days: float = 30.0) -> pd.DataFrame:
    """Sum up what each user has done until `now`.

    `events` has one event a row: user_id and item_id (text), event ("view", "cart" or "buy"), price (dollars, NaN where
    unknown), timestamp (seconds, integer, like `now`). Gives one user a row, by user_id: recency (days since the last
    event), frequency (weighted and decayed count), monetary (decayed dollars), all float64.
    Raises ValueError for any other event, and for a half-life that isn't above 0.

    >>> columns = ["user_id", "item_id", "event", "price", "timestamp"]
    >>> rfm_features(pd.DataFrame([("ann", "lamp", "buy", 20.0, 0)], columns=columns), now=30 * 86_400)
             recency  frequency  monetary
    user_id
    ann         30.0        2.5      10.0
    """
    raise NotImplementedError


def fit_segments(features: pd.DataFrame, k: int, seed: int, log: bool = True) -> pd.Series:
    """Part users into at most k segments by k-means, numbered from 0, the most active.

    `features` is a table as `rfm_features` gives it: one user a row, by user_id, in any order. With `log` the columns
    are compared by ln(1 + x). Gives each user's segment, an integer, by user_id in the order of `features`.
    Raises ValueError for k below 1.

    >>> columns = ["recency", "frequency", "monetary"]
    >>> fit_segments(pd.DataFrame([(9, 1, 0), (0, 5, 80)], index=["bob", "ann"], columns=columns), k=2, seed=0)
    bob    1
    ann    0
    dtype: int64
    """
    raise NotImplementedError


def recommend(
    user_id: str, events: pd.DataFrame, segments: pd.Series, n: int, now: int, half_life_days: float = 30.0
) -> list[str]:
    """Choose n items, by id, that the user hasn't bought and that others of the same segment like, best first.

    `events`, `now` and `half_life_days` are as for `rfm_features`, `segments` as `fit_segments` gives them.
    Raises ValueError for a negative n, and whatever `rfm_features` refuses.

    >>> columns = ["user_id", "item_id", "event", "price", "timestamp"]
    >>> events = pd.DataFrame([("ann", "lamp", "buy", 20.0, 0), ("bob", "rug", "view", 80.0, 0)], columns=columns)
    >>> recommend("ann", events, pd.Series({"ann": 0, "bob": 0}), n=1, now=0)
    ['rug']
    """
    raise NotImplementedError
