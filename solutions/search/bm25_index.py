"""An inverted index with BM25: the reference."""

import math
from collections import Counter, defaultdict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class _Postings(NamedTuple):
    """The documents that hold one term, (df,) both."""

    docs: NDArray[np.int64]
    saturation: NDArray[np.float64]
    """tf / (tf + half), above 0 and at most 1."""


class BM25Index:
    """BM25 as Lucene has it since version 8 (Robertson & Zaragoza 2009, without the factor k1 + 1), over postings."""

    def __init__(self, docs: list[list[str]], k1: float = 1.2, b: float = 0.75) -> None:
        if not 0 <= k1 < math.inf:
            raise ValueError(f"k1 is a finite number, 0 or more, not {k1}")
        if not 0 <= b <= 1:
            raise ValueError(f"b lies between 0 and 1, not {b}")
        self._n = len(docs)
        lengths = np.array([len(doc) for doc in docs], dtype=np.float64)
        average = lengths.mean() if lengths.any() else 1.0  # without tokens any number will do
        half = k1 * (1 - b + b * lengths / average)  # (N,), the tf at which a document earns half of the idf

        counts: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for index, doc in enumerate(docs):
            for term, tf in Counter(doc).items():
                counts[term].append((index, tf))
        self._postings = {}
        for term, pairs in counts.items():
            found, tfs = np.array(pairs).T
            self._postings[term] = _Postings(found, tfs / (tfs + half[found]))

    def idf(self, term: str) -> float:
        """ln(1 + (N - df + 1/2) / (df + 1/2)), above 0 for every term of the collection, 0.0 for any other."""
        if term not in self._postings:
            return 0.0
        df = len(self._postings[term].docs)
        return math.log1p((self._n - df + 0.5) / (df + 0.5))

    def scores(self, query: list[str]) -> np.ndarray:
        """Every document's score, (N,): one pass over the postings of the query's terms, none over the collection."""
        scores = np.zeros(self._n)
        for term, times in Counter(query).items():
            if term in self._postings:
                found, saturation = self._postings[term]
                scores[found] += times * self.idf(term) * saturation
        return scores

    def search(self, query: list[str], k: int = 10) -> list[tuple[int, float]]:
        """The k best matches as (document, score), best first; equal ones by index."""
        if k < 0:
            raise ValueError(f"k counts documents: 0 or more, not {k}")
        scores = self.scores(query)
        matches = np.flatnonzero(scores > 0)
        best = matches[np.argsort(-scores[matches], kind="stable")][:k]
        return [(int(doc), float(scores[doc])) for doc in best]
