"""What a grade depends on besides the submission and the kata."""

from enum import StrEnum

import msgspec


class Examples(StrEnum):
    """What properties are run on."""

    BANK = "bank"  # the kata's bank, and what was drawn for the seed before
    ANEW = "anew"  # the kata's bank, and what is drawn for the seed now
    SHIPPED = "shipped"  # the kata's bank alone
    HYPOTHESIS = "hypothesis"  # what hypothesis makes of it


class Limits(msgspec.Struct, frozen=True):
    """What the learner's code may cost. CPU seconds are read from the kernel, never from the worker."""

    call_seconds: float = 5.0
    """CPU seconds of one call, unless the check's mark says otherwise."""
    submission_seconds: float = 60.0
    """CPU seconds of everything that one submission does for one kata, its sandbox included."""
    patience: float = 1.5
    """Wall-clock seconds of waiting allowed for each CPU second: sleeping isn't computing."""
    judge_seconds: float = 10.0
    """CPU seconds of the judge for one check: an answer may be made so that hashing, sorting or printing it is dear."""
    scale: float = 1.0
    """What the seconds that a check's own mark allows to a call are multiplied by."""


class Versions(msgspec.Struct, frozen=True):
    """What graded."""

    platform: str
    packages: dict[str, str] = {}
    """The grader, Python, and the libraries that a grade may depend on."""
