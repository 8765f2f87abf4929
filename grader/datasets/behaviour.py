"""What users of the generated shop were shown, and what they did: examined, clicked, put in the cart, bought."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.datasets.arrays import Flags, Floats, Ints, Table
from grader.datasets.opinions import DAYS, START, Users, affinity
from grader.datasets.products import Products, Queries
from grader.datasets.words import TYPICAL_PRICES

FEATURES = ("taste", "grade", "price", "stars", "popularity", "thrift", "activity", "noise")
"""What a shop would know when it ranks: its guess of the user's affinity, the match with the query, the price against
others of the category, the stars so far, the sales so far, how the user reacts to prices, how active the user is, and
a number that means nothing. Each has mean 0 and standard deviation 1."""
RANDOM_SHARE = 0.2
"""The share of slates that are shown in random order."""
_NEW_VISIT = 0.4
"""The share of slates that begin one."""
_EXACT = 1e-9


@dataclass(frozen=True)
class Rates:
    """Mean probabilities of each step, given the one before; of a click, for a product shown."""

    click: float = 0.08
    cart: float = 0.25
    buy: float = 0.4
    position_bias: float = 1.0
    """The chance that a product is looked at is (1 + position) ** -position_bias."""


class Market(NamedTuple):
    """Who meets what, by which words."""

    users: Users
    products: Products
    queries: Queries


@dataclass(frozen=True, eq=False)
class Impressions(Table):
    """One row for each product shown, slate by slate, from the top down."""

    slate: Ints
    session: Ints
    """Truth: slates that a user asked for in one visit."""
    user: Ints
    query: Ints
    item: Ints
    position: Ints
    """0 at the top."""
    time: Ints
    """Seconds since 1970, of the slate."""
    randomised: Flags
    """Whether the slate was shuffled, so that position tells nothing of the product."""
    features: NDArray[np.float32]
    """(n, len(FEATURES))."""
    examined: Floats
    """Truth: the probability that a product at this position is looked at."""
    p_click: Floats
    """Truth: examined times the attraction of the product for this user and query."""
    p_cart: Floats
    """Truth: of a click and then the cart."""
    p_buy: Floats
    """Truth: of a click, then the cart, then buying: p_buy <= p_cart <= p_click."""
    click: Ints
    cart: Ints
    buy: Ints
    """0 or 1: nobody buys what isn't in the cart, nor puts there what they haven't clicked."""


def examination(positions: int, bias: float) -> Floats:
    """The probability that each position is looked at: 1 at the top, (1 + position) ** -bias."""
    return np.asarray((1.0 + np.arange(positions)) ** -bias)


def make_impressions(rng: np.random.Generator, market: Market, slates: int, seen: Floats, rates: Rates) -> Impressions:
    """So many slates of the length of `seen`, the chance of each position of being looked at, and what came of them."""
    users, products, queries = market
    liking, positions = affinity(users, products), len(seen)
    session, user, time = _visits(rng, users, slates)
    query = _asked(rng, liking, queries, user)
    shuffled = rng.random(slates) < RANDOM_SHARE
    item = _shown(rng, products.popularity + liking[user], queries.grades[query], positions, shuffled).ravel()
    row = np.repeat(np.arange(slates), positions)
    known, examined = _circumstances(market, user[row], query[row], item), np.tile(seen, slates)
    return Impressions(
        slate=row,
        session=session[row],
        user=user[row],
        query=query[row],
        item=item,
        position=np.tile(np.arange(positions), slates),
        time=time[row],
        randomised=shuffled[row],
        features=_blurred(rng, known),
        examined=examined,
        **_funnel(rng, known, examined, rates),
    )


def _visits(rng: np.random.Generator, users: Users, slates: int) -> tuple[Ints, Ints, Ints]:
    """Session, user and time of each slate: the more active come more often; within a visit at most 25 minutes pass."""
    session = np.cumsum(np.r_[False, rng.random(slates - 1) < _NEW_VISIT])
    visitor = rng.choice(len(users), slates, p=users.activity / users.activity.sum())
    begun = START + np.sort(rng.integers(0, DAYS * 86_400, slates))
    waited = np.cumsum(np.minimum(rng.exponential(90, slates), 1500).astype(np.int64))
    first = np.searchsorted(session, session)
    return session, visitor[session], begun[session] + waited - waited[first]


def _asked(rng: np.random.Generator, liking: Floats, queries: Queries, user: Ints) -> Ints:
    """A query for each slate, of a category that its user likes, half of them with a colour."""
    belongs = queries.grades[queries.colour < 0] > 0
    per_category = liking @ (belongs / np.maximum(belongs.sum(axis=1, keepdims=True), 1)).T
    scores = 2 * per_category[user][:, queries.category] + np.where(queries.colour < 0, np.log(8), 0)
    return np.asarray(np.argmax(scores + rng.gumbel(size=scores.shape), axis=1))


def _shown(rng: np.random.Generator, scores: Floats, grades: Ints, positions: int, shuffled: Flags) -> Ints:
    """(slates, positions): the best by a ranker that errs, in its order unless shuffled."""
    ranked = np.argsort(-(2.5 * grades + scores + rng.gumbel(size=scores.shape)), axis=1)[:, :positions]
    return np.where(shuffled[:, np.newaxis], rng.permuted(ranked, axis=1), ranked)


def _circumstances(market: Market, user: Ints, query: Ints, item: Ints) -> dict[str, Floats]:
    """The truth about each impression, by the names of FEATURES."""
    users, products, queries = market
    typical = np.log(TYPICAL_PRICES)[products.category]
    return {
        "taste": np.einsum("nf,nf->n", users.taste[user], products.factors[item]),
        "grade": queries.grades[query, item].astype(float),
        "price": (np.log(products.price) - typical)[item] / 0.5,
        "stars": products.quality[item],
        "popularity": products.popularity[item],
        "thrift": users.thrift[user],
        "activity": np.log(users.activity)[user],
        "noise": np.zeros(len(item)),
    }


def _blurred(rng: np.random.Generator, known: dict[str, Floats]) -> NDArray[np.float32]:
    """The features: what a shop knows of the truth."""
    blur = dict.fromkeys(FEATURES, 0.1) | {"taste": 0.6, "stars": 0.5, "thrift": 1.0, "noise": 1.0}
    columns = np.stack([known[name] + rng.normal(0, blur[name], len(known[name])) for name in FEATURES], axis=1)
    return np.asarray((columns - columns.mean(axis=0)) / np.maximum(columns.std(axis=0), _EXACT), dtype=np.float32)


def _funnel(rng: np.random.Generator, known: dict[str, Floats], examined: Floats, rates: Rates) -> dict[str, Any]:
    """The true probability of each step, and what was drawn from it."""
    taste, price = known["taste"], known["price"] * (0.4 + 0.5 * known["thrift"])
    attraction = 1.2 * taste + 0.6 * known["grade"] + 0.3 * known["popularity"] + 0.2 * known["stars"]
    p_click = _at_rate(attraction, examined, rates.click, "click")
    p_cart = _at_rate(0.8 * taste + 0.9 * known["stars"] - price, p_click, rates.cart, "cart")
    p_buy = _at_rate(0.4 * taste + 0.5 * known["stars"] - price, p_cart, rates.buy, "buy")
    click = rng.random(len(taste)) < p_click
    cart = click & (rng.random(len(taste)) < p_cart / p_click)
    buy = cart & (rng.random(len(taste)) < p_buy / p_cart)
    drawn = {"click": click.astype(np.int64), "cart": cart.astype(np.int64), "buy": buy.astype(np.int64)}
    return {"p_click": p_click, "p_cart": p_cart, "p_buy": p_buy, **drawn}


def _at_rate(logits: Floats, before: Floats, rate: float, step: str) -> Floats:
    """Probabilities of a step and of those before it, the logits shifted so that the step's mean rate is as asked."""
    per = len(before) if step == "click" else before.sum()
    highest = before.sum() / per
    if not 0 < rate < highest:
        raise ValueError(f"the rate of {step} must lie between 0 and {highest:.3f}, not be {rate}")
    low, high = -40.0, 40.0
    while high - low > _EXACT:
        middle = (low + high) / 2
        low, high = (middle, high) if (before * _sigmoid(logits + middle)).sum() / per < rate else (low, middle)
    return before * _sigmoid(logits + high)


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logits)))
