"""Customers of the made-up shop, who have favourite categories and a level of prices."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from grader import datasets

# Made once, where the module is imported: a judge keeps it for every submission.
PRODUCTS = datasets.shop(0, datasets.Size(users=1, items=300, slates=1)).products


class Customer(NamedTuple):
    """Places of the products that they met, and of those that they met later."""

    known: list[int]
    later: list[int]


def customers(seed: int, n: int) -> list[Customer]:
    """People with two favourite categories and a level of prices, who met 15 of the shop's products."""
    rng, logs = np.random.default_rng(seed), np.log(PRODUCTS.price)
    customers = []
    for _ in range(n):
        favourites, level = rng.choice(10, 2, replace=False), rng.choice(logs)
        liking = 2.0 * np.isin(PRODUCTS.category, favourites) - (logs - level) ** 2 / 2
        met = np.argsort(-(liking + rng.gumbel(size=len(PRODUCTS))))[:15]
        met = rng.permutation(met).tolist()
        customers.append(Customer(met[:10], met[10:]))
    return customers


def catalog_of_the_shop() -> pd.DataFrame:
    """The shop's products, none of them popular; a row's place is that of the product."""
    return pd.DataFrame(
        {
            "item_id": [f"i{place}" for place in range(len(PRODUCTS))],
            "category": [f"c{each}" for each in PRODUCTS.category.tolist()],
            "brand": [f"b{each}" for each in PRODUCTS.brand.tolist()],
            "price": np.array(PRODUCTS.price),
            "popularity": 0,
        }
    )
