"""Sessions from a log of events, and two ways to split it: the reference."""

import pandas as pd


def sessionize(events: pd.DataFrame, gap: int = 1800) -> pd.Series:
    """Session of each event, (n,): users ascending, then time; a pause of more than gap seconds begins another.

    Thirty minutes are the custom (Ludewig & Jannach 2018).
    """
    if gap < 0:
        raise ValueError(f"a gap is 0 seconds or more, not {gap}")
    _refuse_missing_times(events)
    ordered = events.sort_values(["user_id", "timestamp"])
    pause = ordered.groupby("user_id")["timestamp"].diff()
    begins = ~(pause <= gap)  # before a user's first event the pause is NaN, which is no pause within the gap
    return (begins.cumsum() - 1).reindex(events.index)


def temporal_split(events: pd.DataFrame, cutoff: int, known_only: bool = True) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The past and the future of one moment for everybody: the split that can't leak (Ji et al. 2023)."""
    _refuse_missing_times(events)
    past = events["timestamp"] < cutoff
    train, test = events[past], events[~past]
    if known_only:
        test = test[test["user_id"].isin(train["user_id"]) & test["item_id"].isin(train["item_id"])]
    return train, test


def leave_last_out(events: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All but the last event of each user, and the last ones, of users with two or more (Meng et al. 2020)."""
    _refuse_missing_times(events)
    by_time = events.sort_values("timestamp", kind="stable")  # stable: of equal times the last row is the last event
    returns = by_time.duplicated("user_id", keep=False)
    goes_on = by_time.duplicated("user_id", keep="last")
    held_out = (returns & ~goes_on).reindex(events.index)
    return events[~held_out], events[held_out]


def _refuse_missing_times(events: pd.DataFrame) -> None:
    # To pandas every comparison with NaN is false, so such an event would quietly go to one of the sides.
    if events["timestamp"].isna().any():
        raise ValueError("a timestamp is missing")
