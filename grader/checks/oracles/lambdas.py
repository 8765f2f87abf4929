"""Changes of NDCG and lambdas: Burges, Ragno & Le 2006; the formula, its sign and the sums: Burges 2010.

The loss whose slope lambdas are: Wang, Li, Golbandi, Bendersky & Najork 2018.
"""

import math
from itertools import pairwise

import numpy as np

from grader.checks.oracles.ranking import dcg
from grader.checks.strategies.query_groups import Array, Group, Labels


def by_score(scores: Array) -> list[int]:
    """Places of the items, the highest score first; equal scores by place."""
    return sorted(range(len(scores)), key=lambda i: (-scores[i], i))


def slow_delta(labels: Labels, scores: Array, k: int | None = None) -> Array:
    """By what it is: swap two items in the order by score and compute NDCG again."""
    ranking, n = by_score(scores), len(labels)
    ideal = dcg(sorted(labels.tolist(), reverse=True), k)
    delta = np.zeros((n, n))
    for i, j in np.ndindex(n, n):
        swapped = [j if item == i else i if item == j else item for item in ranking]
        change = dcg(labels[swapped].tolist(), k) - dcg(labels[ranking].tolist(), k)
        delta[i, j] = abs(change) / ideal if ideal else 0.0
    return delta


def slow_loss(labels: Labels, scores: Array, delta: Array, sigma: float) -> float:
    """The loss whose gradient lambdas are as long as delta doesn't change."""
    pairs = [(i, j) for i, j in np.ndindex(delta.shape) if labels[i] > labels[j]]
    return sum(float(delta[i, j]) * math.log1p(math.exp(-sigma * (scores[i] - scores[j]))) for i, j in pairs)


def slow_lambdas(labels: Labels, scores: Array, sigma: float = 1.0, k: int | None = None) -> Array:
    """By the definition, one pair at a time."""
    delta, found = slow_delta(labels, scores, k), np.zeros(len(labels))
    for i, j in np.ndindex(delta.shape):
        if labels[i] > labels[j]:
            push = sigma * delta[i, j] / (1 + math.exp(sigma * (scores[i] - scores[j])))
            found[i] -= push
            found[j] += push
    return found


def slow_fit(groups: list[Group], lr: float, epochs: int, sigma: float = 1.0) -> Array:
    """By the definition, one step at a time."""
    weights = np.zeros(groups[0][0].shape[1])
    for features, labels in groups * epochs:
        weights = weights - lr * slow_lambdas(labels, features @ weights, sigma) @ features
    return weights


def is_clear(groups: list[Group], lr: float, epochs: int, sigma: float = 1.0) -> bool:
    """Whether no two scores come so near to each other that rounding would decide which item ranks higher."""
    steps = [*groups * epochs]
    for done, (features, _) in enumerate(steps):
        weights = slow_fit(steps[:done], lr, 1, sigma) if done else np.zeros(2)
        gaps = [b - a for a, b in pairwise(sorted(features @ weights))]
        if weights.any() and min(gaps) < 1e-6:
            return False
    return True


def is_clear_lesson(lesson: tuple[list[Group], float, int, float]) -> bool:
    """The same of queries, lr, epochs and sigma."""
    return is_clear(*lesson)


def is_clear_move(move: tuple[list[Group], list[Group], float]) -> bool:
    """The same of queries that were moved, for two epochs."""
    return is_clear(move[0], move[2], 2)


def row_by_row(labels: Labels, scores: Array) -> Array:
    """The slowest lambdas that we accept."""
    gains, ranks = 2.0**labels - 1, np.empty(len(scores))
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    discounts = 1 / np.log2(ranks + 1)
    ideal = np.sort(gains) @ np.sort(discounts)
    found = np.zeros(len(scores))
    for i, label in enumerate(labels):
        delta = np.abs((gains[i] - gains) * (discounts[i] - discounts)) / ideal
        pushes = np.where(labels < label, delta / (1 + np.exp(scores[i] - scores)), 0.0)
        found[i] -= pushes.sum()
        found += pushes
    return found
