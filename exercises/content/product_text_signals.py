"""Sentiment of reviews, keywords of a corpus, tags of a title. The task: product_text_signals.md.

You may import the standard library and numpy; no other library, such as pandas, scipy, sklearn or keras.
"""

from typing import Any


def fit_sentiment(docs: list[list[str]], labels: list[int], alpha: float = 1.0) -> dict[str, Any]:
    """Learn from N tokenized reviews and their labels, 1 (positive) or 0 (negative), by multinomial naive Bayes.

    Gives {"prior": log odds of 1 before a word is read, "w": {term: what one mention adds to them}}, in nats.
    Raises ValueError if there isn't one label per review, each 0 or 1 and both used, or alpha isn't finite and above 0.

    >>> model = fit_sentiment([["good"], ["bad"], ["good", "fit"]], [1, 0, 1])
    >>> round(model["prior"], 6), round(model["w"]["good"], 6)  # ln 2, ln(3/6) - ln(1/4)
    (0.693147, 0.693147)
    """
    raise NotImplementedError


def sentiment_log_odds(model: dict[str, Any], tokens: list[str]) -> float:
    """Log odds, in nats, that a tokenized review is positive, by a model as `fit_sentiment` gives it.

    >>> sentiment_log_odds({"prior": 0.5, "w": {"good": 1.0}}, ["good", "fit", "good"])
    2.5
    """
    raise NotImplementedError


def keywords(pos: list[list[str]], neg: list[list[str]], top: int, a0: float = 10.0) -> list[tuple[str, float]]:
    """Find the `top` terms that mark the tokenized texts `pos` off from `neg`, as (term, z), highest z first.

    Raises ValueError for a negative `top`, or an `a0` that isn't finite and above 0.

    >>> [(term, round(z, 6)) for term, z in keywords([["soft", "soft"]], [["stiff"]], top=1, a0=3.0)]
    [('soft', 1.600755)]
    """
    raise NotImplementedError


def tag_products(titles: list[str], lexicon: dict[str, str]) -> list[list[str]]:
    """Tag every title with what its words mean by the lexicon, key -> tag, each tag once, in order of first match.

    Raises ValueError for an empty key, and for two keys that are compared as the same and have different tags.

    >>> tag_products(["Red dress, hundred red buttons", "mug"], {"dress": "dress", "red": "color:red"})
    [['color:red', 'dress'], []]
    """
    raise NotImplementedError
