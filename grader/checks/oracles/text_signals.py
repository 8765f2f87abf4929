"""Naive Bayes of words: McCallum & Nigam 1998. Keywords by z: Monroe, Colaresi & Quinn 2008. Tags by longest key."""

import math
import unicodedata
from collections import Counter

from grader.checks.strategies.reviews import Lexicon, Tokens


def slow_model(pos: list[Tokens], neg: list[Tokens], alpha: float) -> tuple[float, dict[str, float]]:
    """Prior and weights by the definition, one term at a time."""
    known = {term for doc in pos + neg for term in doc}

    def chance(term: str, docs: list[Tokens]) -> float:
        return (sum(doc.count(term) for doc in docs) + alpha) / (sum(map(len, docs)) + alpha * len(known))

    return math.log(len(pos) / len(neg)), {term: math.log(chance(term, pos) / chance(term, neg)) for term in known}


def slow_z(pos: list[Tokens], neg: list[Tokens], a0: float) -> dict[str, float]:
    """Every term's z by the definition."""
    counts = [Counter(token for doc in docs for token in doc) for docs in (pos, neg)]
    n1, n0 = (sum(count.values()) for count in counts)
    found = {}
    for term in {*counts[0], *counts[1]}:
        y1, y0 = (count[term] for count in counts)
        a = a0 * (y1 + y0) / (n1 + n0)
        delta = math.log((y1 + a) / (n1 + a0 - y1 - a)) - math.log((y0 + a) / (n0 + a0 - y0 - a))
        found[term] = delta / math.sqrt(1 / (y1 + a) + 1 / (y0 + a))
    return found


def folded(text: str) -> str:
    """The text as keys are compared: NFKC, without case."""
    return unicodedata.normalize("NFKC", text).casefold()


def fits(key: str, title: str, start: int) -> bool:
    """Whether the key is here and cuts no word, by looking at each of its ends."""
    end = start + len(key)
    ends = [title[max(start - 1, 0) : start] + key[0], key[-1] + title[end : end + 1]]
    return title.startswith(key, start) and not any(len(e) == 2 and e.isascii() and e.isalnum() for e in ends)


def slow_tags(title: str, lexicon: Lexicon) -> list[str]:
    """By the definition: every key is tried at every place."""
    keys, title, start, found = {folded(key): tag for key, tag in lexicon.items()}, folded(title), 0, []
    while start < len(title):
        key = max((key for key in keys if fits(key, title, start)), key=len, default="")
        found += [keys[key]] if key else []
        start += max(len(key), 1)
    return list(dict.fromkeys(found))


def by_lengths(asked: list[str], lexicon: Lexicon) -> list[list[str]]:
    """The slowest tagger that we accept: at every place, a piece of every length that keys have."""
    keys = {folded(key): tag for key, tag in lexicon.items()}
    lengths = sorted({len(key) for key in keys}, reverse=True)
    found = []
    for title in map(folded, asked):
        tags, start = [], 0
        while start < len(title):
            pieces = [title[start : start + length] for length in lengths]
            fitting = [piece for piece in pieces if piece in keys and fits(piece, title, start)]
            tags += [keys[piece] for piece in fitting[:1]]
            start += len(fitting[0]) if fitting else 1
        found.append(list(dict.fromkeys(tags)))
    return found
