"""Recency, frequency and monetary value: Hughes 1994. What k-means leaves: MacQueen 1967."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from grader.checks.strategies.purchase_logs import COLUMNS, DAY, NOW, Question

WEIGHT = {"view": 1, "cart": 3, "buy": 5}


class Event(NamedTuple):
    """One row of a log, up to NOW."""

    user: str
    item: str
    kind: str
    price: float
    age: float
    """In days."""


def known_events(events: pd.DataFrame) -> Iterator[Event]:
    """The rows of a log up to NOW."""
    for user, item, kind, price, timestamp in events.itertuples(index=False, name=None):
        if timestamp <= NOW:
            yield Event(user, item, kind, price, (NOW - timestamp) / DAY)


def slow_profiles(events: pd.DataFrame, half_life: float) -> dict[str, float]:
    """By definition, one event at a time, and as `plain` has it."""
    found: dict[str, float] = {}
    for event in known_events(events):
        recency, frequency, monetary = (f"{event.user} {name}" for name in COLUMNS)
        left = 0.5 ** (event.age / half_life)
        spent = event.price * left if event.kind == "buy" and not math.isnan(event.price) else 0.0
        found[recency] = min(found.get(recency, math.inf), event.age)
        found[frequency] = found.get(frequency, 0.0) + WEIGHT[event.kind] * left
        found[monetary] = found.get(monetary, 0.0) + spent
    return found


def slow_scores(events: pd.DataFrame, users: set[str], half_life: float) -> dict[str, float]:
    """What these users did with each item, one event at a time."""
    found: dict[str, float] = {}
    for event in known_events(events):
        if event.user in users:
            found[event.item] = found.get(event.item, 0.0) + WEIGHT[event.kind] * 0.5 ** (event.age / half_life)
    return found


def n_segments_of(features: pd.DataFrame, k: int) -> int:
    """How many segments there must be."""
    return min(k, len(features.drop_duplicates()))


def strays_of(features: pd.DataFrame, segments: dict[str, int], *, log: bool) -> list[str]:
    """Users who are nearer to the mean of another segment than to that of their own: k-means leaves none."""
    values = np.log1p(features.to_numpy()) if log else features.to_numpy()
    points = (values - values.mean(axis=0)) / np.where(np.ptp(values, axis=0) > 0, values.std(axis=0), 1)
    labels = np.array([int(segments[user]) for user in features.index])
    means = np.array([points[labels == each].mean(axis=0) for each in range(labels.max() + 1)])
    distances = np.linalg.norm(points[:, np.newaxis] - means, axis=2)
    own = distances[np.arange(len(labels)), labels]
    return [str(user) for user in features.index[own > distances.min(axis=1) + 1e-6]]


def slow_recommendations(asked: Question, chosen: list[str]) -> list[str]:
    """All that can be recommended. Where scores are all but equal rounding decides, so the order chosen will do."""
    segment = asked.segments.to_dict()
    others = {event.user for event in known_events(asked.events)} - {asked.user}
    peers = {user for user in others if user in segment and segment[user] == segment.get(asked.user)}
    bought = {event.item for event in known_events(asked.events) if event.user == asked.user and event.kind == "buy"}
    place = {item: place for place, item in enumerate(chosen)}
    ranked: list[str] = []
    for users in (peers, others):
        scores = slow_scores(asked.events, users, asked.half_life)
        left = scores.keys() - bought - {*ranked}
        ranked += sorted(left, key=lambda item: (-round(scores[item], 9), place.get(item, len(place)), item))
    return ranked


def by_groups(events: pd.DataFrame) -> pd.DataFrame:
    """The slowest profiles that we accept."""
    seen = events[events["timestamp"] <= NOW].copy()
    seen["age"] = (NOW - seen["timestamp"]) / DAY
    seen["left"] = 0.5 ** (seen["age"] / 30)
    seen["frequency"] = seen["event"].map(WEIGHT) * seen["left"]
    seen["monetary"] = seen["price"].where(seen["event"] == "buy", 0.0) * seen["left"]
    groups = seen.groupby("user_id")
    return pd.concat([groups["age"].min(), groups[["frequency", "monetary"]].sum()], axis=1)
