"""Sentiment, keywords and tags from product text: the reference."""

import math
import unicodedata
from collections import Counter
from itertools import chain
from typing import Any


def fit_sentiment(docs: list[list[str]], labels: list[int], alpha: float = 1.0) -> dict[str, Any]:
    """Multinomial naive Bayes (McCallum & Nigam 1998), add-alpha over the terms of both classes, as log odds."""
    if len(docs) != len(labels) or set(labels) != {0, 1}:
        raise ValueError("every document has a label, 0 or 1, and both are needed")
    if not 0 < alpha < math.inf:
        raise ValueError(f"alpha is a finite number above 0, not {alpha}")
    bad, good = (_counts([doc for doc, of in zip(docs, labels, strict=True) if of == label]) for label in (0, 1))
    terms = bad.keys() | good.keys()
    bad_mass, good_mass = (counts.total() + alpha * len(terms) for counts in (bad, good))
    return {
        "prior": math.log(labels.count(1) / labels.count(0)),
        "w": {
            term: math.log((good[term] + alpha) / good_mass) - math.log((bad[term] + alpha) / bad_mass)
            for term in terms
        },
    }


def sentiment_log_odds(model: dict[str, Any], tokens: list[str]) -> float:
    """The prior and every known token's weight, added up."""
    return float(model["prior"] + sum(model["w"].get(token, 0.0) for token in tokens))


def keywords(pos: list[list[str]], neg: list[list[str]], top: int, a0: float = 10.0) -> list[tuple[str, float]]:
    """Log odds ratio with an informative Dirichlet prior, over its deviation (Monroe, Colaresi & Quinn 2008)."""
    if top < 0:
        raise ValueError(f"top counts terms: 0 or more, not {top}")
    if not 0 < a0 < math.inf:
        raise ValueError(f"a0 is a finite number above 0, not {a0}")
    in_pos, in_neg = _counts(pos), _counts(neg)
    both = in_pos + in_neg
    if len(both) == 1:
        return [(term, 0.0) for term in both][:top]  # no other term: its odds are infinite on both sides

    def z(term: str) -> float:
        pseudo = a0 * both[term] / both.total()
        said, unsaid = in_pos[term] + pseudo, in_neg[term] + pseudo
        odds, other_odds = said / (in_pos.total() + a0 - said), unsaid / (in_neg.total() + a0 - unsaid)
        return (math.log(odds) - math.log(other_odds)) / math.sqrt(1 / said + 1 / unsaid)

    return sorted(((term, z(term)) for term in both), key=lambda pair: (-pair[1], pair[0]))[:top]


def tag_products(titles: list[str], lexicon: dict[str, str]) -> list[list[str]]:
    """Leftmost longest matches of whole words; a title costs its length times the number of different key lengths."""
    tags: dict[str, str] = {}
    for key, tag in lexicon.items():
        if not key:
            raise ValueError("an empty key is everywhere")
        if tags.setdefault(_normal(key), tag) != tag:
            raise ValueError(f"{key!r} and a key like it have different tags")
    lengths = sorted({len(key) for key in tags}, reverse=True)
    return [_tags_of(_normal(title), tags, lengths) for title in titles]


def _tags_of(title: str, tags: dict[str, str], lengths: list[int]) -> list[str]:
    found: dict[str, None] = {}  # a dict is a set in order
    start = 0
    while start < len(title):
        key = _key_at(start, title, tags, lengths)
        if key:
            found[tags[key]] = None
        start += len(key) or 1
    return list(found)


def _key_at(start: int, title: str, tags: dict[str, str], lengths: list[int]) -> str:
    """The longest key that starts here and cuts no word in two, or ""."""
    if _cuts_word(start, title):
        return ""
    spans = (title[start : start + length] for length in lengths)
    return next((span for span in spans if span in tags and not _cuts_word(start + len(span), title)), "")


def _cuts_word(place: int, title: str) -> bool:
    """Whether an ASCII letter or digit stands on both sides of this place."""
    sides = title[place - 1 : place + 1]  # fewer than two at the beginning and the end
    return len(sides) == 2 and sides.isascii() and sides.isalnum()


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _counts(docs: list[list[str]]) -> Counter[str]:
    return Counter(chain.from_iterable(docs))
