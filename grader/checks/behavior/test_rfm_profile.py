"""Hidden checks of behavior/rfm_profile. Long, for three functions of seventeen rules and a slow definition of each.

A check's docstring is the sentence that the learner reads; `spec` names the rules of the statement that it holds.
Partitions are held against all partitions there are, of six users at most, so no check needs a k-means of its own.
"""

import math
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from rfm_profile import fit_segments, recommend, rfm_features

from grader import datasets, probes

Floats = NDArray[np.float64]
Row = tuple[str, str, str, float, float]

DAY = 86_400
NOW = 100 * DAY
WEIGHT = {"view": 1, "cart": 3, "buy": 5}
MISSING = math.nan


def log(*rows: Row) -> pd.DataFrame:
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


def features_of(**profiles: tuple[float, float, float]) -> pd.DataFrame:
    """Profiles (recency, frequency, monetary) by user, in the order given."""
    users = pd.Index(list(profiles), name="user_id", dtype="str")
    return pd.DataFrame([*profiles.values()], users, ["recency", "frequency", "monetary"], np.float64)


def segments_of(**labels: int) -> pd.Series:
    """Segments by user, in the order given."""
    return pd.Series(list(labels.values()), pd.Index(list(labels), name="user_id", dtype="str"), np.int64)


def plain(returned: object) -> object:
    """What came back, to compare: {"ann recency": 2.5, ...} of a table, {"ann": 0, ...} of a series."""
    if isinstance(returned, pd.DataFrame | pd.Series) and not returned.index.is_unique:
        return returned.index.tolist()
    if isinstance(returned, pd.DataFrame):
        return {f"{user} {column}": returned.at[user, column] for user in returned.index for column in returned}
    if isinstance(returned, pd.Series):
        return dict(zip(returned.index.tolist(), returned.tolist(), strict=True))
    return returned.tolist() if isinstance(returned, np.ndarray) else returned


# --- Slow definitions ------------------------------------------------------------------------------------------------


def _known(events: pd.DataFrame, half_life: float) -> Iterator[tuple[Any, float, float]]:
    """Every event up to NOW, its age in days, and what of it is left."""
    for event in events.itertuples():
        age = (NOW - event.timestamp) / DAY  # type: ignore[operator]
        if age >= 0:
            yield event, age, 0.5 ** (age / half_life)


def _profiles(events: pd.DataFrame, half_life: float) -> dict[str, float]:
    """By definition, one event at a time; as `plain` has it."""
    found: dict[str, list[float]] = {}
    for event, age, left in _known(events, half_life):
        profile = found.setdefault(event.user_id, [math.inf, 0, 0])
        profile[0] = min(profile[0], age)
        profile[1] += WEIGHT[event.event] * left
        profile[2] += event.price * left if event.event == "buy" and event.price >= 0 else 0
    names = "recency", "frequency", "monetary"
    return {
        f"{user} {name}": value for user in sorted(found) for name, value in zip(names, found[user], strict=True)
    }


def _scores(events: pd.DataFrame, users: set[str], half_life: float) -> dict[str, float]:
    """What these users did with each item, one event at a time."""
    scores: dict[str, float] = {}
    for event, _, left in _known(events, half_life):
        if event.user_id in users:
            scores[event.item_id] = scores.get(event.item_id, 0) + WEIGHT[event.event] * left
    return scores


@cache
def _partitions(n_users: int, n_segments: int) -> Floats:
    """All ways to put users into segments, none empty: 1 where a user is in a segment, (ways, segments, users)."""
    ways = [[0]]
    for _ in range(n_users - 1):
        ways = [[*way, label] for way in ways for label in range(min(max(way) + 2, n_segments))]
    return np.array([[np.equal(way, label) for label in range(n_segments)] for way in ways if max(way) == n_segments - 1], float)


class Solved(NamedTuple):
    """Users whose best partition is clear."""

    features: pd.DataFrame
    k: int
    log: bool
    labels: dict[str, int]
    clear: bool
    """Whether the second best partition is clearly worse, and no two segments have the same mean frequency."""


def _standardised(features: pd.DataFrame, *, log: bool) -> Floats:
    values = features.to_numpy()
    values = np.log1p(values) if log else values
    spread = np.where(np.ptp(values, axis=0) > 0, values.std(axis=0), 1)
    scaled: Floats = (values - values.mean(axis=0)) / spread
    return scaled


def _n_segments(features: pd.DataFrame, k: int) -> int:
    return min(k, len({*features.itertuples(index=False, name=None)}))


def _solved(features: pd.DataFrame, k: int, log: bool) -> Solved:
    """The partition of least squares among all there are, its segments numbered by falling mean frequency."""
    points = _standardised(features, log=log)
    ways = _partitions(len(points), _n_segments(features, k))
    sizes = ways.sum(axis=2)
    squares = (points**2).sum() - ((ways @ points) ** 2).sum(axis=2).__truediv__(sizes).sum(axis=1)
    best, *others = np.argsort(squares, kind="stable")
    means = ways[best] @ features["frequency"].to_numpy() / sizes[best]
    rank = np.argsort(np.argsort(-means))
    labels = rank[ways[best].argmax(axis=0)].tolist()
    clear = not others or squares[others[0]] - squares[best] > 0.2
    clear = clear and bool(np.all(np.diff(np.sort(means)) > 1e-6))
    return Solved(features, k, log, dict(zip(features.index, labels, strict=True)), clear)
