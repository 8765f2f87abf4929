"""What a submission is worth, and why."""

from enum import StrEnum

import msgspec

from grader.model.checks import Check, Verdict
from grader.model.conditions import Limits, Versions


class Status(StrEnum):
    """How a kata, or a whole submission, ended."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"  # the grader's own fault
    UNREADABLE = "unreadable"  # a submission that can't be read: nothing was judged


class Score(msgspec.Struct, frozen=True):
    """Points earned, out of what the collected plan makes possible."""

    earned: int
    possible: int


class KataReport(msgspec.Struct, frozen=True):
    """One submission's result on one kata."""

    kata: str
    status: Status
    checks: tuple[Check, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    """CPU of the learner's worker and its sandbox."""
    dearest_call: float = 0.0
    """CPU seconds of the call that took most."""
    limits: Limits = Limits()
    """What it was held to."""
    fault: str = ""
    """What went wrong in the grader, where the status is error."""


class Report(msgspec.Struct, frozen=True):
    """One submission's result."""

    submission: str
    """Its path as it was given: no two reports of a run have the same."""
    sha256: str
    """Empty where nothing could be read."""
    status: Status
    isolation: str
    seed: int
    started: str
    """ISO 8601, UTC."""
    seconds: float
    katas: tuple[KataReport, ...]
    name: str = ""
    """For people: whose it is, as far as the path tells."""
    reason: str = ""
    """Why nothing was judged, where the status is unreadable."""
    fault: str = ""
    """What went wrong in the grader before anything could be judged."""
    missing: tuple[str, ...] = ()
    """Katas that were asked for by name and weren't handed in: they are among `katas`, with 0 points."""
    ignored: tuple[str, ...] = ()
    """Files that look as if they were meant to be graded, and weren't."""
    certified: bool = False
    limit_scale: float = 1.0
    versions: Versions = Versions("")
    hashes: dict[str, str] = {}
    """Of each kata: what its grade rests on, by SHA-256."""
