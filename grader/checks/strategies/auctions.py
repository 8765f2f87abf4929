"""Bids for the slots of a page.

There are 2 to 6 ads. Bids are 0 to 8 and click probabilities 0 to 1; `clear` ones are above 0. Pages have 1 to 3 slots:
their factors are 1/4 to 1 and never rise. Reserves are 0 to 2.5.
"""

from typing import Any

import numpy as np
from hypothesis import strategies as st

Bid = dict[str, Any]
Slot = dict[str, Any]

KEYS = ("id", "advertiser", "bid", "pctr")


def ads(*rows: tuple[str, str, float, float]) -> list[Bid]:
    """Bids, from rows of id, advertiser, bid and pctr."""
    return [dict(zip(KEYS, row, strict=True)) for row in rows]


def page(*rows: tuple[str, float, float]) -> list[Slot]:
    """An answer, from rows of id, price and expected, the best slot first."""
    return [{"slot": slot, "id": name, "price": p, "expected": e} for slot, (name, p, e) in enumerate(rows)]


# Binary fractions: products and sums are exact, so ties are ties however a score is computed. Powers of two tie often.
OFFERS = [1.0, 2.0, 3.0, 4.0, 6.0, 8.0]
PCTRS = [1 / 8, 3 / 16, 1 / 4, 3 / 8, 1 / 2, 1.0]

clear_offers, clear_pctrs = st.sampled_from(OFFERS), st.sampled_from(PCTRS)
offers, pctrs = st.sampled_from([0.0, *OFFERS]), st.sampled_from([0.0, *PCTRS])
some_factors = st.tuples(*[st.sampled_from([1.0, 7 / 8, 1 / 2, 1 / 4])] * 3).map(lambda x: sorted(x)[::-1])
factors = st.tuples(some_factors, st.integers(0, 2)).map(lambda drawn: drawn[0][drawn[1] :])
reserves = st.sampled_from([0.0, 1.5, 2.0, 2.5])

ENOUGH = 1000.0
"""A bid that makes any ad the best."""


@st.composite
def markets(draw: st.DrawFn) -> list[Bid]:
    """Bids of any kind: nothing offered, never clicked, several of one advertiser, ties."""
    names = draw(st.permutations("abcdef"))[draw(st.integers(0, 2)) :]
    return ads(*((name, draw(st.sampled_from(["Ann", "Bob", "Cas"])), draw(offers), draw(pctrs)) for name in names))


@st.composite
def rivals(draw: st.DrawFn, least: int = 2) -> list[Bid]:
    """Bids above 0 with clicks, each of another advertiser."""
    names = draw(st.permutations("abcde"))[: draw(st.integers(least, 5))]
    return ads(*((name, f"shop {name}", draw(clear_offers), draw(clear_pctrs)) for name in names))


@st.composite
def shuffled_rivals(draw: st.DrawFn) -> tuple[list[Bid], list[Bid]]:
    """Bids, of which one ties with another advertiser's, and the same in another order."""
    first, *rest = draw(rivals())
    bids = [first, {**first, "id": "bb", "advertiser": "shop bb"}, *rest]
    return bids, draw(st.permutations(bids))


def market_of_thousands(rng: np.random.Generator) -> list[Bid]:
    """10,000 ads of 5,000 advertisers; no two scores are equal."""
    owners = rng.integers(0, 5000, 10_000).tolist()
    offered, clicks = rng.uniform((0.1, 0.001), (5, 0.2), (10_000, 2)).T.tolist()
    rows = enumerate(zip(owners, offered, clicks, strict=True))
    return ads(*((f"ad {n}", f"shop {owner}", offer, click) for n, (owner, offer, click) in rows))
