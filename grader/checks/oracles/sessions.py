"""Sessions by pauses: Ludewig & Jannach 2018. Splits by time and by last event: Meng et al. 2020."""

import math
from typing import Any

import pandas as pd

from grader.checks.strategies.visits import Row

Visits = list[tuple[Any, int]]
Parts = dict[str, list[Any]]


def events_of(events: pd.DataFrame) -> list[Row]:
    """The rows of a log: (label, user, item, timestamp)."""
    columns = (events[name].tolist() for name in ("user_id", "item_id", "timestamp"))
    return list(zip(events.index.tolist(), *columns, strict=True))


def slow_sessions(events: pd.DataFrame, gap: int) -> Visits:
    """By definition; also the slowest that we accept."""
    found: dict[Any, int] = {}
    session, before = -1, ("", math.nan)
    for user, time, label in sorted((user, time, label) for label, user, _, time in events_of(events)):
        if user != before[0] or time - before[1] > gap:
            session += 1
        found[label], before = session, (user, time)
    return [(label, found[label]) for label in events.index.tolist()]


def slow_temporal_split(events: pd.DataFrame, cutoff: int, *, known_only: bool) -> Parts:
    """By definition, one event at a time."""
    train = [event for event in events_of(events) if event[3] < cutoff]
    users, items = {user for _, user, _, _ in train}, {item for _, _, item, _ in train}
    test = [event for event in events_of(events) if event[3] >= cutoff]
    if known_only:
        test = [event for event in test if event[1] in users and event[2] in items]
    return {"train": [event[0] for event in train], "test": [event[0] for event in test]}


def slow_last_out(events: pd.DataFrame) -> Parts:
    """By definition; also the slowest that we accept."""
    last: dict[str, tuple[float, Any]] = {}
    returned = set[str]()
    for label, user, _, time in events_of(events):
        if user in last:
            returned.add(user)
        if user not in last or time >= last[user][0]:
            last[user] = time, label
    test = {last[user][1] for user in returned}
    labels = events.index.tolist()
    return {
        "train": [label for label in labels if label not in test],
        "test": [label for label in labels if label in test],
    }
