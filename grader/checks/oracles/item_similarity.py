"""Cosines of items: Sarwar et al. 2001. Users weighed by their activity (ItemCF-IUF): Xiang 2012."""

import math
from collections import Counter, defaultdict
from itertools import permutations

from grader.checks.strategies.baskets import Events, Scored, Sims


def slow_similarities(events: Events, iuf: bool = False, shrink: float = 0.0) -> Sims:
    """By the definition, two items at a time."""
    users = {item: {user for user, taken in events if taken == item} for _, item in events}
    active = {user: len({item for taker, item in events if taker == user}) for user, _ in events}
    rows: Sims = {item: {} for item in users}
    for (item, ours), (other, theirs) in permutations(users.items(), 2):
        if both := ours & theirs:
            total = sum(1 / math.log(1 + active[user]) if iuf else 1.0 for user in both)
            rows[item][other] = total / (math.sqrt(len(ours) * len(theirs)) + shrink)
    return rows


def slow_scores(history: set[str], rows: Sims, k: int | None = None) -> Scored:
    """By the definition, one item that may be recommended at a time, all of them in order."""
    proposed = {i: sorted(rows[i], key=lambda j: (-rows[i][j], j))[:k] for i in history if i in rows}
    others = sorted({j for row in proposed.values() for j in row} - history)
    scores = [(j, sum(rows[i][j] for i in proposed if j in proposed[i])) for j in others]
    return sorted(scores, key=lambda scored: -scored[1])


def basket_by_basket(events: Events) -> Sims:
    """The slowest similarities that we accept: dicts in plain Python."""
    baskets = defaultdict(set)
    for user, item in events:
        baskets[user].add(item)
    users = Counter(item for basket in baskets.values() for item in basket)
    shared: Sims = {item: {} for item in users}
    for basket in baskets.values():
        for item in basket:
            for other in basket:
                if item != other:
                    shared[item][other] = shared[item].get(other, 0) + 1
    return {i: {j: c / math.sqrt(users[i] * users[j]) for j, c in row.items()} for i, row in shared.items()}
