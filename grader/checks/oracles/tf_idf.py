"""TF-IDF, cosines of documents, and weighted means of word vectors.

Idf: Spärck Jones 1972; count, idf and length: Salton & Buckley 1988; weighted means: Arora, Liang & Ma 2017.
"""

import math
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from grader.checks.strategies.documents import Tokens, Vectors, Weights


def slow_idf(docs: list[Tokens]) -> Weights:
    """By definition, one term at a time."""
    terms = {term for doc in docs for term in doc}
    return {term: math.log((1 + len(docs)) / (1 + sum(term in doc for doc in docs))) + 1 for term in terms}


def _cosine(mine: list[float], theirs: list[float]) -> float:
    lengths = math.sqrt(sum(x * x for x in mine)) * math.sqrt(sum(y * y for y in theirs))
    return sum(x * y for x, y in zip(mine, theirs, strict=True)) / lengths if lengths else 0.0


def slow_scores(query: Tokens, docs: list[Tokens]) -> list[float]:
    """By definition: the cosine of two vectors with an entry for every term of the documents."""
    weights = slow_idf(docs)
    rows = [[text.count(term) * weight for term, weight in weights.items()] for text in (query, *docs)]
    return [_cosine(rows[0], row) for row in rows[1:]]


def slow_embedding(tokens: Tokens, weights: Weights, vectors: Vectors, dim: int) -> NDArray[np.float64]:
    """By definition, one token at a time."""
    total, weight = np.zeros(dim), 0.0
    for token in tokens:
        if token in weights and token in vectors:
            total, weight = total + weights[token] * vectors[token], weight + weights[token]
    return total / weight if weight else total


def plain_search(query: Tokens, docs: list[Tokens], k: int) -> list[tuple[int, float]]:
    """The slowest search that we accept: dicts, in plain Python."""
    df = Counter(term for doc in docs for term in set(doc))
    weights = {term: math.log((1 + len(docs)) / (1 + count)) + 1 for term, count in df.items()}
    vectors = []
    for text in (query, *docs):
        vector = {term: count * weights[term] for term, count in Counter(text).items() if term in weights}
        length = math.sqrt(sum(entry * entry for entry in vector.values()))
        vectors.append({term: entry / length for term, entry in vector.items()})
    wanted, *others = vectors
    scores = [sum(entry * other.get(term, 0.0) for term, entry in wanted.items()) for other in others]
    return sorted(((d, s) for d, s in enumerate(scores) if s > 0), key=lambda pair: (-pair[1], pair[0]))[:k]
