"""NDCG, average precision and reciprocal rank.

NDCG: Järvelin & Kekäläinen 2002; gain and discount: Burges et al. 2005; MRR: Voorhees 1999.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import permutations

from grader.checks.strategies.rankings import Grades, Queries, Ranking, Scores


def dcg(grades: Sequence[int], k: int | None) -> float:
    """Of grades in the order of their ranks: gains 2^grade - 1, discounts log2(1 + rank); None counts all ranks."""
    return sum((2.0**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades[:k], start=1))


def _graded(order: Iterable[str], rels: Grades) -> list[int]:
    return [rels.get(item, 0) for item in order]


def slow_ndcg(ranked: Ranking, rels: Grades, k: int) -> float:
    """By definition: the best of all orders of all judged items is sought among all of them."""
    best = max(dcg(_graded(order, rels), k) for order in permutations(rels))
    return dcg(_graded(ranked, rels), k) / best if best else 0.0


def slow_average_precision(ranked: Ranking, relevant: set[str], k: int) -> float:
    """By definition, one relevant item at a time."""
    ranks = {item: ranked.index(item) + 1 for item in relevant if item in ranked}
    precisions = [len(relevant & set(ranked[:rank])) / rank for rank in ranks.values() if rank <= k]
    return sum(precisions) / min(len(relevant), k) if relevant else 0.0


def slow_mrr(asked: Queries) -> float:
    """By definition: the best of all relevant items counts."""
    best = [max([1 / (ranked.index(item) + 1) for item in wanted if item in ranked] or [0]) for ranked, wanted in asked]
    return sum(best) / len(best) if best else 0.0


def _comes_first(scores: Scores, mine: str, theirs: str) -> bool:
    """By definition, two items at a time."""
    if math.isnan(scores[mine]) != math.isnan(scores[theirs]):
        return math.isnan(scores[theirs])
    if math.isnan(scores[mine]) or scores[mine] == scores[theirs]:
        return mine < theirs
    return scores[mine] > scores[theirs]


def slow_order(scores: Scores) -> Ranking:
    """An item's place is the number of items that come before it."""
    return sorted(scores, key=lambda item: sum(_comes_first(scores, other, item) for other in scores if other != item))


def plain_ndcg(ranked: Ranking, rels: Grades, k: int) -> float:
    """The slowest NDCG that we accept: plain Python."""
    assert len(set(ranked)) == len(ranked), "an item is ranked once"
    return dcg(_graded(ranked, rels), k) / dcg(sorted(rels.values(), reverse=True), k)


def plain_average_precision(ranked: Ranking, relevant: set[str], k: int) -> float:
    """The slowest average precision that we accept: plain Python."""
    assert len(set(ranked)) == len(ranked), "an item is ranked once"
    total, found = 0.0, 0
    for rank, item in enumerate(ranked[:k], 1):
        if item in relevant:
            found += 1
            total += found / rank
    return total / min(len(relevant), k)


def plain_mrr(asked: list[Ranking], relevant: list[set[str]]) -> float:
    """The slowest MRR that we accept: plain Python."""
    assert all(len(set(ranked)) == len(ranked) for ranked in asked), "an item is ranked once"
    firsts = [
        [rank for rank, item in enumerate(ranked, 1) if item in wanted]
        for ranked, wanted in zip(asked, relevant, strict=True)
    ]
    return sum(1 / ranks[0] for ranks in firsts) / len(firsts)


def plain_rank(scores: Scores) -> Ranking:
    """The slowest ranking that we accept: plain Python."""
    return sorted(scores, key=lambda item: (math.isnan(scores[item]), -scores[item], item))
