"""Profiles learned from what a user took up: Pazzani & Billsus 2007.

Prices by mean and deviation of their logarithms: Limpert, Stahel & Abbt 2001.
"""

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

from grader.checks.strategies.catalogues import Text

Profile = dict[str, Any]


def profile_of(category: dict[str, float], brand: dict[str, float], mu: float | None, sd: float | None) -> Profile:
    """A profile as `build_profile` gives it."""
    return {"category": category, "brand": brand, "mu": mu, "sd": sd}


def rows_of(table: pd.DataFrame, last: str) -> list[tuple[str, Text, Text, float | None, float]]:
    """As plain rows, in which what isn't known is None."""
    columns = (table[name].tolist() for name in ("item_id", "category", "brand", "price", last))
    return [
        (
            item,
            *(value if isinstance(value, str) else None for value in (category, brand)),
            price if price > 0 else None,
            n,
        )
        for item, category, brand, price, n in zip(*columns, strict=True)
    ]


def slow_profile(history: pd.DataFrame) -> Profile:
    """By the definition, one row at a time."""
    rows = [row for row in rows_of(history, "weight") if row[-1] > 0]
    category: dict[str, float] = {}
    brand: dict[str, float] = {}
    for shares, told in (
        (category, [(row[1], row[-1]) for row in rows if row[1] is not None]),
        (brand, [(row[2], row[-1]) for row in rows if row[2] is not None]),
    ):
        total = math.fsum(weight for _, weight in told)
        for name, weight in told:
            shares[name] = shares.get(name, 0.0) + weight / total
    prices = [(math.log(price), weight) for *_, price, weight in rows if price is not None]
    if not prices:
        return profile_of(category, brand, None, None)
    total = math.fsum(weight for _, weight in prices)
    mu = math.fsum(weight * log for log, weight in prices) / total
    variance = math.fsum(weight * (log - mu) ** 2 for log, weight in prices) / total
    return profile_of(category, brand, mu, max(0.1, math.sqrt(variance)))


def slow_scores(profile: Profile, catalog: pd.DataFrame) -> list[float]:
    """By the definition, one product at a time."""
    scores = []
    for _, category, brand, price, _ in rows_of(catalog, "popularity"):
        close = 0.0
        if price is not None and profile["mu"] is not None:
            close = math.exp(-((math.log(price) - profile["mu"]) ** 2) / (2 * profile["sd"] ** 2))
        scores.append(0.5 * profile["category"].get(category, 0) + 0.2 * profile["brand"].get(brand, 0) + 0.3 * close)
    return scores


def slow_list(history: pd.DataFrame, catalog: pd.DataFrame, chosen: Iterable[str] = ()) -> list[str]:
    """All that can be recommended. Different products with all but equal scores may stand in the order chosen."""
    owned, place = {*history["item_id"]}, {item: place for place, item in enumerate(chosen)}
    exact = slow_scores(slow_profile(history), catalog)
    scores = [round(value, 9) for value in exact]
    alike: dict[float, set[Any]] = {}  # what products of this score are; all that score exactly 0 are one
    for value, rounded, (_, *facts, _) in zip(exact, scores, rows_of(catalog, "popularity"), strict=True):
        alike.setdefault(rounded, set()).add(tuple(facts) if value else None)

    def best_first(scored: tuple[float, str, float]) -> tuple[float, float, float, str]:
        value, item, popularity = scored
        by_rounding = len(alike[value]) > 1
        return -value, place.get(item, len(place)) if by_rounding else 0, -popularity, item

    rows = zip(scores, catalog["item_id"].tolist(), catalog["popularity"].tolist(), strict=True)
    return [item for _, item, _ in sorted(rows, key=best_first) if item not in owned]


def looped(history: pd.DataFrame, catalog: pd.DataFrame, n: int) -> tuple[Profile, list[float], list[str]]:
    """The slowest profile, scores and list that we accept, where all is known: loops over zipped columns."""
    shares: tuple[dict[str, float], dict[str, float]] = ({}, {})
    total = first = second = 0.0
    columns = (history[name].tolist() for name in ("category", "brand", "price", "weight"))
    for category, brand, price, weight in zip(*columns, strict=True):
        log = math.log(price)
        total, first, second = total + weight, first + weight * log, second + weight * log * log
        for part, key in zip(shares, (category, brand), strict=True):
            part[key] = part.get(key, 0.0) + weight
    mu = first / total
    sd = max(0.1, math.sqrt(second / total - mu * mu))
    liked, trusted = ({key: value / total for key, value in part.items()} for part in shares)
    columns = (catalog[name].tolist() for name in ("category", "brand", "price"))
    scores = [
        0.5 * liked.get(category, 0)
        + 0.2 * trusted.get(brand, 0)
        + 0.3 * math.exp(-(((math.log(price) - mu) / sd) ** 2) / 2)
        for category, brand, price in zip(*columns, strict=True)
    ]
    owned = {*history["item_id"]}
    rows = zip(scores, catalog["popularity"].tolist(), catalog["item_id"].tolist(), strict=True)
    best = sorted((-value, -popularity, item) for value, popularity, item in rows if item not in owned)[:n]
    return profile_of(liked, trusted, mu, sd), scores, [item for *_, item in best]
