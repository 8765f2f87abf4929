"""What a judge is asked to do."""

import msgspec

from grader.model.conditions import Examples, Isolation, Limits
from grader.model.katas import Kata


class Job(msgspec.Struct, frozen=True):
    """What a judge is asked to do: one submission, one kata."""

    kata: Kata
    code: bytes
    isolation: Isolation
    seed: int = 0
    limits: Limits | None = None
    """None: what the kata's reference takes, many times over."""
    limit_scale: float = 1.0
    """For a slow machine: what the limits that follow from the reference are multiplied by."""
    reference: bytes | None = None
    """For a shipped mistake, which may import the rest from the reference. Never for a submission."""
    hash_seed: int = 0
    until_failure: bool = False
    """Stop at the first check that does not pass: enough to know that a mutant is killed."""
    examples: Examples = Examples.BANK
    shrink: bool = False
    """Let hypothesis look for a smaller example than the one drawn that fails: for somebody who practises."""
    only_properties: bool = False
    """Run nothing else, and tell what refuted them."""
    watched: bool = True
    """Whether anybody wants to hear of each check as it begins and ends."""
    second_look: bool = False
    """Run a sample only: every example and oracle, and ten checks at the least. For another judge to confirm a pass."""
