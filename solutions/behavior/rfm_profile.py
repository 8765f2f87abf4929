"""Customer profiles by recency, frequency and monetary value: the reference."""

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans

DAY = 86_400
WEIGHTS = {"view": 1.0, "cart": 3.0, "buy": 5.0}
COLUMNS = ["recency", "frequency", "monetary"]


def rfm_features(events: pd.DataFrame, now: int, half_life_days: float = 30.0) -> pd.DataFrame:
    """One row a user (Hughes 1994), with frequency and monetary decayed; index user_id, sorted."""
    by_user = _weighed(events, now, half_life_days).groupby("user_id")
    return pd.DataFrame(
        {"recency": by_user["age"].min(), "frequency": by_user["strength"].sum(), "monetary": by_user["spent"].sum()}
    )


def fit_segments(features: pd.DataFrame, k: int, seed: int, log: bool = True) -> pd.Series:
    """Segment of each user by k-means (MacQueen 1967) on standardised columns; 0 is the most active segment."""
    if k < 1:
        raise ValueError(f"k counts segments: 1 or more, not {k}")
    if features.empty:
        return pd.Series(index=features.index, dtype=np.int64)
    values = features[COLUMNS].to_numpy(np.float64)
    if log:
        values = np.log1p(values)
    spread = values.std(axis=0)
    points = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    n_segments = min(k, len(np.unique(points, axis=0)))
    found = KMeans(n_segments, n_init=10, random_state=seed).fit_predict(points)

    # k-means numbers clusters as chance has it, so each gets the place that its users' means give it.
    means = features.groupby(found)[COLUMNS].mean()
    ranked = means.sort_values(["frequency", "monetary", "recency"], ascending=[False, False, True]).index
    segment_of = {cluster: place for place, cluster in enumerate(ranked)}
    return pd.Series(found, index=features.index).map(segment_of)


def recommend(
    user_id: str, events: pd.DataFrame, segments: pd.Series, n: int, now: int, half_life_days: float = 30.0
) -> list[str]:
    """Up to n items that the user hasn't bought: first what their segment likes best, then what everybody does."""
    if n < 0:
        raise ValueError(f"n counts items: 0 or more, not {n}")
    seen = _weighed(events, now, half_life_days)
    own = seen["user_id"] == user_id
    bought = set(seen.loc[own & (seen["event"] == "buy"), "item_id"])
    others = seen[~own]
    ranked = _best_first(others)
    if user_id in segments.index:
        peers = segments.index[segments == segments[user_id]]
        ranked = _best_first(others[others["user_id"].isin(peers)]) + ranked
    return [item for item in dict.fromkeys(ranked) if item not in bought][:n]


def _weighed(events: pd.DataFrame, now: int, half_life_days: float) -> pd.DataFrame:
    """The events up to now, each with its age in days, its decayed weight, and the decayed dollars spent."""
    if not half_life_days > 0:
        raise ValueError(f"a half-life is more than 0 days, not {half_life_days}")
    seen = events[events["timestamp"] <= now]
    if strange := set(seen["event"]) - WEIGHTS.keys():
        raise ValueError(f"no such events: {sorted(strange)}")
    age = (now - seen["timestamp"]) / DAY
    decay = 0.5 ** (age / half_life_days)
    strength = seen["event"].map(WEIGHTS).astype(np.float64) * decay
    spent = seen["price"].where(seen["event"] == "buy", 0.0).fillna(0.0) * decay
    return seen.assign(age=age, strength=strength, spent=spent)


def _best_first(events: pd.DataFrame) -> list[str]:
    """The items of these events by the sum of what is left of their weights, highest first, equal ones by id."""
    scores = events.groupby("item_id")["strength"].sum()  # by id, which a stable sort keeps among equals
    return scores.sort_values(ascending=False, kind="stable").index.tolist()
