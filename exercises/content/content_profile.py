"""What a customer likes, by category, brand and price. The task: content_profile.md.

You may import the standard library, numpy and pandas; no other library, such as scipy, sklearn or keras.
"""

from typing import Any

import numpy as np
import pandas as pd


def build_profile(history: pd.DataFrame) -> dict[str, Any]:
    """Sum up one customer's history: shares of categories and brands, mean and deviation of ln price.

    `history` has one event a row: item_id, category and brand (text, the two may be missing), price (dollars; NaN, 0 or
    less where unknown), weight (0 or more). Gives a plain dict: "category" and "brand" are `{name: share}`, "mu" and
    "sd" floats, or None where no price is known.
    Raises ValueError for a weight that is negative, NaN or infinite.

    >>> columns = ["item_id", "category", "brand", "price", "weight"]
    >>> history = pd.DataFrame([("a", "mug", "Oak", 1.0, 1), ("b", "rug", None, 1.0, 3)], columns=columns)
    >>> build_profile(history) == {"category": {"mug": 0.25, "rug": 0.75}, "brand": {"Oak": 1.0}, "mu": 0.0, "sd": 0.1}
    True
    """
    raise NotImplementedError


def score(profile: dict[str, Any], catalog: pd.DataFrame) -> np.ndarray:
    """Score every product of the catalogue by such a profile, from 0 to 1.

    `catalog` has one product a row: item_id, category, brand, price. Gives (products,), float64, in its order.

    >>> catalog = pd.DataFrame([("c", "rug", "Elm", 1.0)], columns=["item_id", "category", "brand", "price"])
    >>> score({"category": {"mug": 0.25, "rug": 0.75}, "brand": {"Oak": 1.0}, "mu": None, "sd": None}, catalog)
    array([0.375])
    """
    raise NotImplementedError


def recommend(history: pd.DataFrame, catalog: pd.DataFrame, n: int) -> list[str]:
    """Choose the n products, by id, that fit the customer best and don't stand in their history, best first.

    `catalog` also has popularity (a number), which decides between equal scores.
    Raises ValueError for a negative n, and for what `build_profile` refuses.

    >>> columns = ["item_id", "category", "brand", "price", "weight"]
    >>> history = pd.DataFrame([("a", "mug", "Oak", 8.0, 1)], columns=columns)
    >>> catalog = history.drop(columns="weight").assign(item_id="b", popularity=3)
    >>> recommend(history, catalog, 5)
    ['b']
    """
    raise NotImplementedError
