"""An inverted index with BM25. The task: bm25_index.md.

You may import the standard library and numpy; no other library, such as pandas, scipy, sklearn or keras.
"""

import numpy as np


class BM25Index:
    """Answers queries over a fixed collection of N tokenized documents; a document's name is its index, 0 to N - 1."""

    def __init__(self, docs: list[list[str]], k1: float = 1.2, b: float = 0.75) -> None:
        """Index the documents, each a list of tokens.

        Raises ValueError for a k1 that is negative, NaN or infinite, or a b outside 0 to 1.
        """
        raise NotImplementedError

    def idf(self, term: str) -> float:
        """How much a term tells, in nats: above 0 for every term of the collection, 0.0 for any other.

        >>> round(BM25Index([["red", "dress"], ["red", "shoes"], ["mug"]]).idf("red"), 6)  # ln(8/5)
        0.470004
        """
        raise NotImplementedError

    def scores(self, query: list[str]) -> np.ndarray:
        """Score every document. Gives (N,), float64, in the order of the documents; 0 where no token matches.

        >>> BM25Index([["red", "dress"], ["mug"]], k1=1.0, b=0.0).scores(["red"])  # ln 2 / 2
        array([0.34657359, 0.        ])
        """
        raise NotImplementedError

    def search(self, query: list[str], k: int = 10) -> list[tuple[int, float]]:
        """Find the k best of the documents that match, as (index, score), best first.

        Raises ValueError for a negative k.

        >>> [index for index, _ in BM25Index([["mug"], ["red", "dress"], ["red"]]).search(["red"])]
        [2, 1]
        """
        raise NotImplementedError
