"""TF-IDF, and word vectors weighted by idf: the reference."""

import math
from collections import Counter

import numpy as np


def idf(docs: list[list[str]]) -> dict[str, float]:
    """ln((1 + N) / (1 + df)) + 1 (Spärck Jones 1972, smoothed), term -> weight: 1 for what every document holds."""
    df = Counter(term for doc in docs for term in set(doc))
    return {term: math.log((1 + len(docs)) / (1 + count)) + 1 for term, count in df.items()}


def tfidf_vector(tokens: list[str], weights: dict[str, float]) -> dict[str, float]:
    """Count times weight, scaled to length 1 (Salton & Buckley 1988), term -> entry; {} if nothing is known."""
    counts = Counter(token for token in tokens if token in weights)
    vector = {term: count * weights[term] for term, count in counts.items()}
    length = math.hypot(*vector.values())
    return {term: entry / length for term, entry in vector.items()}


def embed(tokens: list[str], weights: dict[str, float], vectors: dict[str, np.ndarray], dim: int) -> np.ndarray:
    """Mean of the tokens' word vectors weighted by their weights, (dim,), float64; zeros if no token has both."""
    if dim < 1:
        raise ValueError(f"a vector has at least one entry, not {dim}")
    known = [token for token in tokens if token in weights and token in vectors]
    for token in known:
        if np.shape(vectors[token]) != (dim,):
            raise ValueError(f"the vector of {token!r} has the shape {np.shape(vectors[token])}, not ({dim},)")
    if not known:
        return np.zeros(dim)
    rows = np.array([vectors[token] for token in known], dtype=np.float64)
    return np.average(rows, axis=0, weights=[weights[token] for token in known])


def search(query: list[str], docs: list[list[str]], k: int) -> list[tuple[int, float]]:
    """The k best of the documents that share a term with the query, as (index, cosine), best first."""
    if k < 0:
        raise ValueError(f"k counts documents: 0 or more, not {k}")
    weights = idf(docs)
    wanted = tfidf_vector(query, weights)
    scores = [_dot(wanted, tfidf_vector(doc, weights)) for doc in docs]
    matches = [(index, score) for index, score in enumerate(scores) if score > 0]
    return sorted(matches, key=lambda match: -match[1])[:k]  # a stable sort leaves equal scores in order


def _dot(short: dict[str, float], long: dict[str, float]) -> float:
    """The cosine, since both are of length 1."""
    return sum(entry * long[term] for term, entry in short.items() if term in long)
