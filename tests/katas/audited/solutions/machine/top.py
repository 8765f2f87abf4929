"""The largest values: the reference."""


def top(values, k):
    """The k largest values, best first."""
    if k < 0:
        raise ValueError("k is 0 or more")
    return sorted(values, reverse=True)[:k]
