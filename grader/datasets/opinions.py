"""Who likes what in the generated shop: users with a taste, what they took up, and the stars that they gave."""

from dataclasses import dataclass

import numpy as np

from grader.datasets.arrays import Flags, Floats, Ints, Table
from grader.datasets.products import FACTORS, Products

START, DAYS = 1_735_689_600, 90
"""What is dated lies in the ninety days from 2025-01-01, UTC."""
ODDS_TAKEN_UP, ODDS_RATED = 1.8, 0.8
"""What a user's affinity adds to the log odds of a product being taken up, and of its being rated."""
_TYPES = 8
"""People come in types, which is why neighbours can be found."""


@dataclass(frozen=True, eq=False)
class Users(Table):
    """One entry a user; their id is their place. All of it is truth that a shop would not know."""

    activity: Floats
    """How much they do, compared with the median user."""
    thrift: Floats
    """How much a high price puts them off, standard normal."""
    strictness: Floats
    """Stars that they give less than others for the same."""
    taste: Floats
    """(n, FACTORS); the scalar product with a product's factors is the affinity, with standard deviation about 1."""


@dataclass(frozen=True, eq=False)
class Interactions(Table):
    """One row for each user and product that met, by user, then time: no user meets a product twice."""

    user: Ints
    item: Ints
    time: Ints
    """Seconds since 1970."""
    held_out: Flags
    """The last fifth of each user's."""


@dataclass(frozen=True, eq=False)
class Ratings(Table):
    """One row a rating, by user, then item: nobody rates a product twice."""

    user: Ints
    item: Ints
    stars: Ints
    """1 to 5."""
    held_out: Flags
    """A random fifth of each user's."""


def make_users(rng: np.random.Generator, n: int) -> Users:
    """So many users of a few types."""
    types = rng.normal(0, 1, (_TYPES, FACTORS))
    taste = types[rng.integers(_TYPES, size=n)] + rng.normal(0, 0.4, (n, FACTORS))
    return Users(
        activity=np.exp(rng.normal(0, 0.7, n)),
        thrift=rng.normal(0, 1, n),
        strictness=rng.normal(0, 0.3, n),
        taste=taste / np.linalg.norm(taste, axis=1, keepdims=True),
    )


def affinity(users: Users, products: Products) -> Floats:
    """(users, products)."""
    return users.taste @ products.factors.T


def make_interactions(rng: np.random.Generator, users: Users, products: Products, per_user: float) -> Interactions:
    """What users took up, drawn without replacement the odds being exp(popularity + 1.8 affinity)."""
    scores = products.popularity + ODDS_TAKEN_UP * affinity(users, products)
    user, item, held_out = _met(rng, scores, users.activity, per_user)
    time = START + rng.integers(0, DAYS * 86_400, len(user))
    return Interactions(user, item, time=time[np.lexsort((time, user))], held_out=held_out)


def make_ratings(rng: np.random.Generator, users: Users, products: Products, per_user: float) -> Ratings:
    """Stars for what users took up: those who like a thing are likelier to have it."""
    liking = affinity(users, products)
    user, item, held_out = _met(rng, products.popularity + ODDS_RATED * liking, users.activity, per_user)
    order = np.lexsort((item, user))
    user, item, held_out = user[order], item[order], held_out[order]
    opinion = 3.4 - users.strictness[user] + 0.2 * products.quality[item] + 1.2 * liking[user, item]
    stars = np.clip(np.rint(opinion + rng.normal(0, 0.4, len(user))), 1, 5).astype(np.int64)
    return Ratings(user, item, stars, held_out)


def _met(rng: np.random.Generator, scores: Floats, activity: Floats, per_user: float) -> tuple[Ints, Ints, Flags]:
    """User, item, and whether held out, by user and in random order: drawn by the highest scores plus Gumbel noise."""
    n_items = scores.shape[1]
    count = np.clip(np.rint(per_user * activity / activity.mean()), 5, n_items // 2).astype(np.int64)
    order = np.argsort(-(scores + rng.gumbel(size=scores.shape)), axis=1)
    taken = np.arange(n_items) < count[:, np.newaxis]
    user, place = np.nonzero(taken)
    item = order[taken][np.lexsort((rng.random(len(user)), user))]
    return user, item, place >= np.ceil(0.8 * count)[user]
