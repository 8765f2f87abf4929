"""What a judge is asked to do."""

from enum import StrEnum

import msgspec

from grader.model.conditions import Examples, Limits


class Extent(StrEnum):
    """How many of a kata's checks are run."""

    WHOLE = "whole"
    SAMPLE = "sample"
    """Every example and oracle, and at least ten checks: another judge confirms a pass."""
    PLAN = "plan"
    """None: what is possible has to be known for a kata that was not handed in."""


class ForAudit(msgspec.Struct, frozen=True):
    """What only an audit asks for. A grade leaves it as it is."""

    reference: bytes | None = None
    """For a shipped mistake, which may import the rest from the reference. Never for a submission."""
    hash_seed: int = 0
    until_failure: bool = False
    """Stop at the first check that does not pass: enough to know that a mutant is killed."""
    only_properties: bool = False
    """Run nothing else, and tell which example refuted them."""


class Job(msgspec.Struct, frozen=True):
    """One submission, one kata. It names no file, so that it can be done on any machine that has the same katas."""

    kata: str
    """`track/name`."""
    code: bytes
    isolation: str
    """The name of the backend that confines the learner's code."""
    seed: int = 0
    limits: Limits | None = None
    """None: what the kata's reference takes, many times over."""
    limit_scale: float = 1.0
    """For a slow machine: what the limits that follow from the reference are multiplied by."""
    examples: Examples = Examples.BANK
    extent: Extent = Extent.WHOLE
    shrink: bool = False
    """Search for a smaller example than the drawn one that fails: for somebody who practises."""
    watched: bool = True
    """Whether each check is to be reported as it begins and ends."""
    audit: ForAudit = ForAudit()
