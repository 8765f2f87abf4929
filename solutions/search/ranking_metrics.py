"""NDCG, MRR and average precision: the reference."""

import math
from collections.abc import Iterable


def rank_by_score(scores: dict[str, float]) -> list[str]:
    """Items by score, highest first; equal ones by item, NaN last."""
    # NaN is neither below nor above nor equal to anything, so in a key it would leave the order to chance.
    unknown = [item for item, score in scores.items() if math.isnan(score)]
    known = scores.keys() - unknown
    return sorted(known, key=lambda item: (-scores[item], item)) + sorted(unknown)


def ndcg_at_k(ranked: list[str], rels: dict[str, int], k: int) -> float:
    """DCG by Burges et al. (2005) over that of the best order of everything judged (Järvelin & Kekäläinen 2002)."""
    _refuse_repeats(ranked)
    _refuse_negative(k, *rels.values())
    ideal = _dcg(sorted(rels.values(), reverse=True)[:k])
    return _dcg(rels.get(item, 0) for item in ranked[:k]) / ideal if ideal else 0.0


def mrr(rankings: list[list[str]], relevant: list[set[str]]) -> float:
    """Mean over all queries of 1 / rank of the first relevant item, 0 where there is none (Voorhees 1999)."""
    total = 0.0
    for ranked, wanted in zip(rankings, relevant, strict=True):  # strict raises ValueError for different lengths
        _refuse_repeats(ranked)
        total += _reciprocal_rank(ranked, wanted)
    return total / len(rankings) if rankings else 0.0


def average_precision(ranked: list[str], relevant: set[str], k: int) -> float:
    """Mean precision at the ranks of the relevant items, of which those not found in the first k have precision 0."""
    _refuse_repeats(ranked)
    _refuse_negative(k)
    hits = (rank for rank, item in enumerate(ranked[:k], start=1) if item in relevant)
    total = sum(found / rank for found, rank in enumerate(hits, start=1))
    possible = min(len(relevant), k)
    return total / possible if possible else 0.0


def _dcg(grades: Iterable[int]) -> float:
    """Discounted cumulative gain of grades in the order of their ranks."""
    return sum((2.0**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))


def _reciprocal_rank(ranked: list[str], relevant: set[str]) -> float:
    return next((1 / rank for rank, item in enumerate(ranked, start=1) if item in relevant), 0.0)


def _refuse_repeats(ranked: list[str]) -> None:
    """Raise ValueError for an item that is ranked twice: it would earn twice, and lift a value above 1."""
    if len(set(ranked)) < len(ranked):
        raise ValueError("an item stands in a ranking once")


def _refuse_negative(*counts: int) -> None:
    """Raise ValueError for a k or a grade below 0."""
    if any(count < 0 for count in counts):
        raise ValueError("k and grades are 0 or more")
