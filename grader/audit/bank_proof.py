"""What `kata audit --banks` finds about one kata."""

from collections import Counter

import msgspec


class BankProof(msgspec.Struct, frozen=True):
    """The state of one kata's bank, and how its verdicts compare with those by hypothesis."""

    kata: str
    problems: tuple[str, ...]
    unbanked: dict[str, str]
    """Properties that only hypothesis can run, each with the reason."""
    properties: int
    """How many properties there are, banked or not."""
    shipped: int
    """Counterexamples in the bank's file."""
    size: int
    """Bytes of the file."""
    drawn: int
    """Examples that hypothesis draws for the seed."""
    verdicts: Counter[str]
    """How many verdicts by bank are `same`, `stricter` or `laxer` than those by hypothesis."""
    sizes: Counter[str]
    """How many counterexamples of mistakes are `smaller`, `same` or `larger` by bank, in bytes."""
    mutants: tuple[int, int] = (0, 0)
    """How many mutants some property refutes: by bank, and by hypothesis."""
    of_mutants: int = 0
