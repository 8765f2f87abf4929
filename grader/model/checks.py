"""A hidden check, and what became of it."""

from enum import StrEnum

import msgspec

from grader.model.reasons import Reason


class Group(StrEnum):
    """What a check is about, in the order in which checks run."""

    INTERFACE = "interface"
    EXAMPLES = "examples"
    EDGES = "edges"
    PROPERTIES = "properties"
    ORACLE = "oracle"
    DATA = "data"
    SPEED = "speed"


POINTS = {
    Group.INTERFACE: 1,
    Group.EXAMPLES: 5,
    Group.EDGES: 3,
    Group.PROPERTIES: 5,
    Group.ORACLE: 5,
    Group.DATA: 2,
    Group.SPEED: 2,
}


class Outcome(StrEnum):
    """How one check ended."""

    PASSED = "passed"
    FAILED = "failed"  # the check said no
    RAISED = "raised"  # the learner's code raised where it should not
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"  # the worker died, ran out of memory, or spoke nonsense
    NOT_RUN = "not_run"


class Check(msgspec.Struct, frozen=True):
    """One hidden check, as collected before any learner's code runs."""

    name: str
    says: str
    """The sentence that the learner reads."""
    group: Group
    points: int
    spec: tuple[str, ...] = ()
    """Rules of the statement that it holds."""
    hint: int | None = None
    """The level of the hint that fits, 1 to 3."""


class Verdict(msgspec.Struct, frozen=True):
    """One check's result. All but `trace`, which is for staff, may be shown to the learner."""

    check: str
    outcome: Outcome
    call: str = ""
    """What was asked: the calls of the smallest failing example, one a line."""
    returned: str = ""
    expected: str = ""
    reason: Reason | None = None
    """What else there is to say: the rule that is broken, the exception, the limit passed."""
    seconds: float = 0.0
    trace: str = ""
