"""A small shop, made from one seed by numpy alone, of which the truth is known. `docs/data.md` describes it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from grader.datasets import words
from grader.datasets.arrays import Floats, read_only
from grader.datasets.behaviour import Impressions, Market, Rates, examination, make_impressions
from grader.datasets.opinions import Interactions, Ratings, Users, affinity, make_interactions, make_ratings, make_users
from grader.datasets.products import Products, Queries, make_products, make_queries

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Size:
    """How much of everything a shop has."""

    users: int = 400
    items: int = 300
    brands: int = 12
    interactions_per_user: float = 30.0
    ratings_per_user: float = 30.0
    slates: int = 3_000
    positions: int = 10


@dataclass(frozen=True, eq=False)
class Shop:
    """All arrays are read-only: the shop is shared by all who ask for it."""

    products: Products
    queries: Queries
    users: Users
    interactions: Interactions
    ratings: Ratings
    impressions: Impressions
    propensity: Floats
    """Truth: the probability that each position is looked at."""
    affinity: Floats
    """Truth, (users, products): how much each user's taste is met."""

    def rating_matrices(self) -> tuple[Floats, Floats]:
        """Stars to learn from and stars held out, (users, products) each, 0 where there are none. New arrays."""
        return self._matrices(self.ratings, self.ratings.stars)

    def interaction_matrices(self) -> tuple[Floats, Floats]:
        """1 where a user met a product, to learn from and held out, (users, products) each. New arrays."""
        return self._matrices(self.interactions, np.ones(len(self.interactions)))

    def events(self) -> "pd.DataFrame":
        """Clicks, carts and buys as a log, by time: user_id and item_id (text), event, price, timestamp (seconds).

        A click is a `view`; a `cart` comes a minute later and a `buy` two minutes after it. A new frame each time.
        """
        import pandas as pd  # noqa: PLC0415  slow to import

        seen = self.impressions
        steps = [("view", seen.click, 0), ("cart", seen.cart, 60), ("buy", seen.buy, 180)]
        rows = [np.flatnonzero(done) for _, done, _ in steps]
        row, event = np.concatenate(rows), np.repeat([name for name, _, _ in steps], [len(part) for part in rows])
        # Two clicks on one slate are five seconds apart for each position between them.
        later = np.repeat([after for _, _, after in steps], [len(part) for part in rows]) + 5 * seen.position[row]
        columns = {
            "user_id": np.char.add("u", seen.user[row].astype(str)),
            "item_id": np.char.add("i", seen.item[row].astype(str)),
            "event": event,
            "price": self.products.price[seen.item[row]],
            "timestamp": seen.time[row] + later,
        }
        return pd.DataFrame(columns).sort_values(["timestamp", "user_id"], kind="stable", ignore_index=True)

    def _matrices(self, rows: Interactions | Ratings, values: NDArray[Any]) -> tuple[Floats, Floats]:
        known, held_out = np.zeros((2, len(self.users), len(self.products)))
        for matrix, part in ((known, ~rows.held_out), (held_out, rows.held_out)):
            matrix[rows.user[part], rows.item[part]] = values[part]
        return known, held_out


DEFAULT_SIZE, DEFAULT_RATES = Size(), Rates()


@lru_cache(maxsize=8)
def shop(seed: int = 0, size: Size = DEFAULT_SIZE, rates: Rates = DEFAULT_RATES) -> Shop:
    """The shop of this seed. Its parts have streams of their own: more slates leave the ratings as they are."""
    _check(size)
    streams = [np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(5)]
    products = make_products(streams[0], size.items, size.brands)
    queries, users = make_queries(products), make_users(streams[1], size.users)
    seen = read_only(examination(size.positions, rates.position_bias))
    return Shop(
        products=products,
        queries=queries,
        users=users,
        interactions=make_interactions(streams[2], users, products, size.interactions_per_user),
        ratings=make_ratings(streams[3], users, products, size.ratings_per_user),
        impressions=make_impressions(streams[4], Market(users, products, queries), size.slates, seen, rates),
        propensity=seen,
        affinity=read_only(affinity(users, products)),
    )


def _check(size: Size) -> None:
    """Raises ValueError for a shop that can't be."""
    if min(size.users, size.slates, size.positions, size.interactions_per_user, size.ratings_per_user) < 1:
        raise ValueError(f"a shop needs at least one of everything: {size}")
    if not 1 <= size.brands <= len(words.BRANDS):
        raise ValueError(f"brands must be 1 to {len(words.BRANDS)}, not {size.brands}")
    if size.items < max(2 * len(words.CATEGORIES), size.positions):
        raise ValueError(f"items must be at least {2 * len(words.CATEGORIES)}, and fill a slate, not {size.items}")
