"""Item-based collaborative filtering. The task: item_cf.md.

You may import the standard library, numpy and scipy; no other library, such as pandas, sklearn or keras.
"""


def item_similarity(
    events: list[tuple[str, str]], iuf: bool = False, shrink: float = 0.0
) -> dict[str, dict[str, float]]:
    """Cosine similarity of every two items that share a user, `{item: {other: similarity}}`, a row for every item.

    `events` is a list of (user, item). With `iuf`, users of many items count less; `shrink` is added to the divisor.
    Gives plain dicts, of plain dicts of floats.
    Raises ValueError for a `shrink` that is negative, NaN or infinite.

    >>> similar = item_similarity([("ann", "mug"), ("ann", "pan"), ("bob", "pan"), ("cat", "pan"), ("dan", "pan")])
    >>> similar == {"mug": {"pan": 0.5}, "pan": {"mug": 0.5}}
    True
    """
    raise NotImplementedError


def recommend(
    history: set[str], sims: dict[str, dict[str, float]], n: int, k: int | None = None
) -> list[tuple[str, float]]:
    """Choose the n items, with their scores, that the k nearest neighbours of each item of the history add up to.

    `sims` is `{item: {other: similarity}}`; k = None takes whole rows. The best first.
    Raises ValueError for a negative n or k.

    >>> recommend({"mug"}, {"mug": {"pan": 0.5, "lid": 0.25}}, 1)
    [('pan', 0.5)]
    """
    raise NotImplementedError
