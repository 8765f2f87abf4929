"""A content profile of category, brand and price: the reference."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

CATEGORY, BRAND, PRICE = 0.5, 0.2, 0.3
"""What each term can add to a score."""
NARROWEST = 0.1
"""The least deviation of ln price: a customer of one purchase still likes what costs 10 % more."""


def build_profile(history: pd.DataFrame) -> dict[str, Any]:
    """The shares of categories and brands, and a log-normal of prices (Pazzani & Billsus 2007: a learned profile)."""
    if not history["weight"].between(0, np.inf, inclusive="left").all():  # which NaN isn't
        raise ValueError("a weight is a finite number, 0 or more")
    told = history[history["weight"] > 0]
    mu, sd = _log_normal(told[told["price"] > 0])  # which NaN isn't
    return {"category": _shares(told, "category"), "brand": _shares(told, "brand"), "mu": mu, "sd": sd}


def score(profile: dict[str, Any], catalog: pd.DataFrame) -> np.ndarray:
    """How well each product fits, from 0 to 1, (products,); what isn't known of it adds nothing."""
    category, brand = (_share_of(profile[column], catalog[column]) for column in ("category", "brand"))
    return CATEGORY * category + BRAND * brand + PRICE * _closeness(profile, catalog["price"].to_numpy(np.float64))


def recommend(history: pd.DataFrame, catalog: pd.DataFrame, n: int) -> list[str]:
    """Up to n ids that aren't in the history: by score, then popularity, then id."""
    if n < 0:
        raise ValueError(f"n counts products: 0 or more, not {n}")
    profile = build_profile(history)
    new = catalog[~catalog["item_id"].isin(history["item_id"])]
    ranked = new.assign(score=score(profile, new)).sort_values(
        ["score", "popularity", "item_id"], ascending=[False, False, True]
    )
    return ranked["item_id"].head(n).tolist()


def _shares(rows: pd.DataFrame, column: str) -> dict[str, float]:
    sums = rows.groupby(column)["weight"].sum()  # without the rows that have no value here
    return {str(name): float(share) for name, share in (sums / sums.sum()).items()}


def _log_normal(rows: pd.DataFrame) -> tuple[float, float] | tuple[None, None]:
    """Weighted mean and deviation of ln price."""
    if rows.empty:
        return None, None
    logs = np.log(rows["price"])
    mu = np.average(logs, weights=rows["weight"])
    variance = np.average((logs - mu) ** 2, weights=rows["weight"])
    return float(mu), max(NARROWEST, float(np.sqrt(variance)))


def _share_of(shares: dict[str, float], values: "pd.Series[str]") -> NDArray[np.float64]:
    return np.asarray(values.map(shares).astype(np.float64).fillna(0.0))


def _closeness(profile: dict[str, Any], prices: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 at the customer's typical price, less the further ln price is from it, 0 where there is none."""
    close = np.zeros(len(prices))
    if profile["mu"] is not None:
        known = prices > 0
        z = (np.log(prices[known]) - profile["mu"]) / profile["sd"]
        close[known] = np.exp(-(z**2) / 2)
    return close
