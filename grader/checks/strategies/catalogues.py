"""Products with category, brand and price, and what somebody met of them.

Histories have up to 6 events; weights are 0 to 5. Catalogues have 1 to 7 products, each once; popularity is 0 to 3.
There are three categories and three brands; prices are 2 to 300. Any of these may be missing; a price may be 0 or -1.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
from hypothesis import strategies as st

Text = str | None
Event = tuple[str, Text, Text, float, float]
Product = tuple[str, Text, Text, float, float]

UNKNOWN = math.nan


def table_of(rows: Iterable[Event | Product], last: str) -> pd.DataFrame:
    """A table of rows (item, category, brand, price, and what the last column holds)."""
    items, categories, brands, prices, numbers = zip(*rows, strict=True) if rows else ((),) * 5
    columns = {
        "item_id": pd.array(items, dtype="str"),
        "category": pd.array(categories, dtype="str"),
        "brand": pd.array(brands, dtype="str"),
        "price": np.array(prices, np.float64),
        last: np.array(numbers) if numbers else np.array([], np.float64),
    }
    return pd.DataFrame(columns)


def history_of(*rows: Event) -> pd.DataFrame:
    """A history of rows (item, category, brand, price, weight)."""
    return table_of(rows, "weight")


def catalog_of(*rows: Product) -> pd.DataFrame:
    """A catalogue of rows (item, category, brand, price, popularity)."""
    return table_of(rows, "popularity")


# Most rows know most things: where nothing is known there is little to go wrong.
categories = st.sampled_from(["mug", "rug", "vase", "mug", "rug", None])
brands = st.sampled_from(["Oak", "Elm", "Fir", "Oak", None])
prices = st.sampled_from([2.0, 9.5, 20.0, 64.0, 300.0, 20.0, UNKNOWN, 0.0, -1.0])
weights = st.sampled_from([1, 2, 5, 3, 1, 0])

ITEMS = ["i1", "i10", "i2", "i3", "k", "m", "p"]


def histories(size: int = 1, heavy: st.SearchStrategy[int] = weights) -> st.SearchStrategy[pd.DataFrame]:
    """`size` to 6 events, some of them of the same item, whatever that says of it."""
    rows = st.tuples(st.sampled_from(ITEMS), categories, brands, prices, heavy)
    return st.lists(rows, min_size=size, max_size=6).map(lambda drawn: history_of(*drawn))


def catalogs(size: int = 1) -> st.SearchStrategy[pd.DataFrame]:
    """`size` to 7 products, few of them alike and few equally popular."""
    rows = st.tuples(st.sampled_from(ITEMS), categories, brands, prices, st.integers(0, 3))
    return st.lists(rows, min_size=size, max_size=7, unique_by=lambda row: row[0]).map(lambda drawn: catalog_of(*drawn))


@st.composite
def lively(draw: st.DrawFn) -> pd.DataFrame:
    """A history in which every row weighs something, of two categories, brands and prices at least."""
    first = ("i1", "mug", "Oak", draw(st.sampled_from([2.0, 9.5])), draw(st.sampled_from([1, 2, 3])))
    second = ("i2", "rug", "Elm", draw(st.sampled_from([64.0, 300.0])), draw(st.sampled_from([1, 2, 5])))
    rows = st.tuples(st.sampled_from(ITEMS), categories, brands, prices, st.sampled_from([1, 2, 5]))
    return history_of(*draw(st.permutations([first, second, *draw(st.lists(rows, max_size=4))])))


class Question(NamedTuple):
    """The arguments of `recommend`."""

    history: pd.DataFrame
    catalog: pd.DataFrame
    n: int


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Most histories hold something of the catalogue; sometimes at weight 0."""
    history, catalog = draw(histories(0) | lively()), draw(catalogs(3))
    owned = draw(st.sampled_from(catalog["item_id"].tolist()))
    met = history_of((owned, draw(categories), draw(brands), draw(prices), draw(st.sampled_from([0, 0, 2]))))
    both = pd.concat([history, met], ignore_index=True) if len(history) else met
    return Question(draw(st.sampled_from([both, both, history])), catalog, draw(st.integers(1, 6)))


def season(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """20,000 rows of history, of half as many items, and 20,000 products."""
    rng, size = np.random.default_rng(seed), 20_000
    products = {
        "item_id": np.char.add("i", rng.permutation(size).astype(str)),
        "category": np.char.add("c", rng.integers(0, 300, size).astype(str)),
        "brand": np.char.add("b", rng.integers(0, 2_000, size).astype(str)),
        "price": np.round(np.exp(rng.normal(3, 1, size)), 2),
        "popularity": rng.integers(0, 1000, size),
    }
    catalog = pd.DataFrame(products)
    met = catalog.iloc[rng.integers(0, size // 2, size)].drop(columns="popularity").reset_index(drop=True)
    return met.assign(weight=rng.integers(1, 6, size)), catalog
