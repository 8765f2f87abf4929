"""TF-IDF, and word vectors weighted by idf. The task: keyword_match.md.

You may import the standard library and numpy; no other library, such as pandas, scipy, sklearn or keras.
"""

import numpy as np


def idf(docs: list[list[str]]) -> dict[str, float]:
    """Weigh every term of N tokenized documents by how few of them hold it, in nats: 1.0 if all do, more if fewer do.

    >>> weights = idf([["red", "dress"], ["red", "shoes"]])
    >>> {term: round(weight, 6) for term, weight in sorted(weights.items())}  # ln(3/2) + 1 and ln(3/3) + 1
    {'dress': 1.405465, 'red': 1.0, 'shoes': 1.405465}
    """
    raise NotImplementedError


def tfidf_vector(tokens: list[str], weights: dict[str, float]) -> dict[str, float]:
    """Count times weight for every token of a text that has a weight, scaled to length 1: term -> entry.

    >>> tfidf_vector(["red", "mug", "red", "dress"], {"red": 2.0, "dress": 3.0})  # (4, 3) / 5
    {'red': 0.8, 'dress': 0.6}
    """
    raise NotImplementedError


def embed(tokens: list[str], weights: dict[str, float], vectors: dict[str, np.ndarray], dim: int) -> np.ndarray:
    """Mean of the word vectors, each (dim,), of a text's tokens, weighted by their weights. Gives (dim,), float64.

    Raises ValueError for a dim below 1, or a vector that is needed and has another shape.

    >>> embed(["red", "dress"], {"red": 1.0, "dress": 3.0}, {"red": np.array([4, 0]), "dress": np.array([0, 2])}, 2)
    array([1. , 1.5])
    """
    raise NotImplementedError


def search(query: list[str], docs: list[list[str]], k: int) -> list[tuple[int, float]]:
    """Find the k documents nearest to the query by the cosine of tf-idf vectors, as (index, score), best first.

    Raises ValueError for a negative k.

    >>> [index for index, _ in search(["red"], [["red", "dress"], ["mug"], ["red"]], 5)]
    [2, 0]
    """
    raise NotImplementedError
