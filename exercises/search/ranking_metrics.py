"""Ranking, and three numbers that say how good a ranking is. The task: ranking_metrics.md.

You may import the standard library and numpy; no other library, such as pandas, scipy, sklearn or keras.
"""


def rank_by_score(scores: dict[str, float]) -> list[str]:
    """Put items in order, the highest score first; equal ones by item, and those without a number (NaN) last.

    >>> rank_by_score({"mug": 1.0, "cup": 1.0, "jar": 2.0})
    ['jar', 'cup', 'mug']
    """
    raise NotImplementedError


def ndcg_at_k(ranked: list[str], rels: dict[str, int], k: int) -> float:
    """Normalised discounted cumulative gain of the first k, against the best order of all judged items.

    `rels` gives the grades of the judged items, 0 = irrelevant.
    Raises ValueError for an item ranked twice, a negative grade, or a negative k.

    >>> ndcg_at_k(["cup", "mug", "jar"], {"jar": 1}, 3)  # 1 / log2(4)
    0.5
    """
    raise NotImplementedError


def mrr(rankings: list[list[str]], relevant: list[set[str]]) -> float:
    """Mean reciprocal rank of the first relevant item: one ranking, and the set of its relevant items, per query.

    Raises ValueError for lists of different lengths, or an item ranked twice.

    >>> mrr([["cup", "mug"], ["jar"]], [{"mug"}, {"jar"}])  # (1/2 + 1) / 2
    0.75
    """
    raise NotImplementedError


def average_precision(ranked: list[str], relevant: set[str], k: int) -> float:
    """Average precision of the first k of one ranking.

    Raises ValueError for an item ranked twice, or a negative k.

    >>> average_precision(["cup", "mug"], {"mug"}, 2)  # the one hit has rank 2
    0.5
    """
    raise NotImplementedError
