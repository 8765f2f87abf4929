"""What `kata audit --banks` finds about one kata."""

from collections import Counter

import msgspec


class BankProof(msgspec.Struct, frozen=True):
    """What was found about one kata's bank."""

    kata: str
    problems: tuple[str, ...]
    unbanked: dict[str, str]
    properties: int
    shipped: int
    """Counterexamples in the package."""
    size: int
    """Bytes of the file."""
    drawn: int
    verdicts: Counter[str]
    """How many are the same by bank and by hypothesis, stricter by bank, or laxer."""
    sizes: Counter[str]
    """Of the mistakes' counterexamples: how many are smaller by bank than by hypothesis, the same, or larger."""
    mutants: tuple[int, int] = (0, 0)
    """How many mutants some property refutes: by bank, and by hypothesis."""
    of_mutants: int = 0
