"""Item-based collaborative filtering: the reference."""

import math
from collections import Counter, defaultdict
from itertools import permutations


def item_similarity(
    events: list[tuple[str, str]], iuf: bool = False, shrink: float = 0.0
) -> dict[str, dict[str, float]]:
    """Cosine of the items' sets of users (Sarwar et al. 2001), by way of the users (Linden et al. 2003)."""
    if not 0 <= shrink < math.inf:
        raise ValueError(f"shrink is a finite number, 0 or more, not {shrink}")
    baskets: defaultdict[str, set[str]] = defaultdict(set)
    for user, item in events:
        baskets[user].add(item)
    users = Counter(item for basket in baskets.values() for item in basket)

    # Only pairs that somebody has are ever looked at: Σ_u |N(u)|² steps, whatever the number of items.
    shared: dict[str, defaultdict[str, float]] = {item: defaultdict(float) for item in users}
    for basket in baskets.values():
        weight = 1 / math.log1p(len(basket)) if iuf else 1.0
        for item, other in permutations(basket, 2):
            shared[item][other] += weight
    return {
        item: {other: total / (math.sqrt(users[item] * users[other]) + shrink) for other, total in row.items()}
        for item, row in shared.items()
    }


def recommend(
    history: set[str], sims: dict[str, dict[str, float]], n: int, k: int | None = None
) -> list[tuple[str, float]]:
    """The n items of the highest sum of similarities to what the user has, best first; equal ones by id."""
    if n < 0 or (k is not None and k < 0):
        raise ValueError(f"n and k count items: 0 or more, not {n} and {k}")
    scores: defaultdict[str, float] = defaultdict(float)
    for item in sorted(history):  # a set's own order changes from run to run, and with it the last bit of a sum
        nearest = sorted(sims.get(item, {}).items(), key=_best_first)[:k]
        for other, similarity in nearest:
            if other not in history:
                scores[other] += similarity
    return sorted(scores.items(), key=_best_first)[:n]


def _best_first(scored: tuple[str, float]) -> tuple[float, str]:
    item, score = scored
    return -score, item
