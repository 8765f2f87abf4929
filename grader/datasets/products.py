"""The products of the generated shop, and what people type to find them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.datasets import words
from grader.datasets.arrays import Floats, Ints, Table

FACTORS = 5
"""Numbers that make up a taste."""


@dataclass(frozen=True, eq=False)
class Products(Table):
    """One entry a product; its id is its place."""

    title_en: tuple[str, ...]
    title_zh: tuple[str, ...]
    category: Ints
    brand: Ints
    colour: Ints
    style: Ints
    audience: Ints
    """Places in words.CATEGORIES, BRANDS, COLOURS, STYLES, AUDIENCES."""
    price: Floats
    """Dollars."""
    quality: Floats
    """Truth, standard normal: raises stars, carts and buys of everybody alike."""
    popularity: Floats
    """Truth: log odds of being met, before anybody's taste."""
    factors: Floats
    """Truth, (n, FACTORS): who likes it; the scalar product with a user's taste is the affinity."""


@dataclass(frozen=True, eq=False)
class Queries(Table):
    """One entry a query: a category, or a category in a colour."""

    text_en: tuple[str, ...]
    text_zh: tuple[str, ...]
    category: Ints
    colour: Ints
    """-1 where the query names none."""
    grades: NDArray[np.int64]
    """Truth, (queries, products): 0 another category; 1 the category in a wrong colour; 2 the category, colour not
    asked for; 3 the category in the colour that was asked for."""


def make_products(rng: np.random.Generator, n: int, n_brands: int) -> Products:
    """So many products: every category equally often, brands by popularity, prices log-normal."""
    category = rng.permutation(np.arange(n) % len(words.CATEGORIES))
    shares = 1 / np.arange(1, n_brands + 1) ** 0.8
    brand = rng.choice(n_brands, n, p=shares / shares.sum())
    colour, style, audience = (rng.integers(len(w), size=n) for w in (words.COLOURS, words.STYLES, words.AUDIENCES))
    premium, quality = rng.normal(0, 0.3, n_brands), rng.normal(0, 1, n)
    log_price = np.log(words.TYPICAL_PRICES)[category] + premium[brand] + rng.normal(0, 0.4, n) + 0.1 * quality
    parts = [(audience, words.AUDIENCES), (style, words.STYLES), (colour, words.COLOURS), (category, words.CATEGORIES)]
    return Products(
        title_en=_titles(brand, parts, words.ENGLISH),
        title_zh=_titles(brand, parts, words.CHINESE),
        category=category,
        brand=brand,
        colour=colour,
        style=style,
        audience=audience,
        price=np.maximum(np.round(np.exp(log_price)) - 0.01, 0.99),
        quality=quality,
        popularity=rng.normal(0, 0.7, n) + 0.2 * quality,
        factors=_factors(rng, category, brand, style, audience),
    )


def _titles(brand: Ints, parts: list[tuple[Ints, words.Words]], language: int) -> tuple[str, ...]:
    """Brand, audience, style, colour, category: with spaces in English; in Chinese only after the brand."""
    between = " " if language == words.ENGLISH else ""
    said = [[known[i][language] for i in of.tolist()] for of, known in parts]
    brands = [words.BRANDS[i][language] for i in brand.tolist()]
    return tuple(f"{first} {between.join(rest)}" for first, *rest in zip(brands, *said, strict=True))


def _factors(rng: np.random.Generator, *attributes: Ints) -> Floats:
    """Each attribute's own direction, and something that no attribute tells."""
    parts = [rng.normal(0, 1, (of.max() + 1, FACTORS))[of] for of in attributes]
    mixed = np.sum([*parts, rng.normal(0, 1.5, (len(attributes[0]), FACTORS))], axis=0)
    mixed = mixed - mixed.mean(axis=0)
    return np.asarray(mixed / mixed.std())


def make_queries(products: Products) -> Queries:
    """Every category, alone and in every colour."""
    plain = [(category, -1) for category in range(len(words.CATEGORIES))]
    asked = plain + [(category, colour) for category, _ in plain for colour in range(len(words.COLOURS))]
    category, colour = np.array(asked).T
    same, right = category[:, np.newaxis] == products.category, colour[:, np.newaxis] == products.colour
    grades = np.where(colour[:, np.newaxis] < 0, 2, np.where(right, 3, 1))
    return Queries(
        text_en=_texts(asked, words.ENGLISH, " "),
        text_zh=_texts(asked, words.CHINESE, ""),
        category=category,
        colour=colour,
        grades=np.where(same, grades, 0),
    )


def _texts(asked: list[tuple[int, int]], language: int, between: str) -> tuple[str, ...]:
    named = [
        [words.COLOURS[colour][language]] * (colour >= 0) + [words.CATEGORIES[category][language]]
        for category, colour in asked
    ]
    return tuple(between.join(parts).lower() for parts in named)
