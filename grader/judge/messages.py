"""What the processes of a judge say to each other.

The command asks a judge, a judge a session, and a session the fork that judges a submission. The fork reads answers of
hostile code, so whatever it says is decoded into these types and held against the plan.
"""

import msgspec

from grader.model import Job, Kata, KataReport, Reason, Status, Verdict
from grader.text import encodable

LARGEST = 16 << 20
"""Bytes of a message."""


class Request(msgspec.Struct, frozen=True):
    """A job for a judge on this machine, and where the files of its kata are."""

    kata: Kata
    job: Job


class Hire(msgspec.Struct, frozen=True, tag=True):
    """The fork wants a worker."""


class Dismiss(msgspec.Struct, frozen=True, tag=True):
    """The fork wants a worker ended, or to know how it ended by itself."""

    number: int
    patience: float


class Ruled(msgspec.Struct, frozen=True, tag=True):
    """The next check of the plan has ended."""

    verdict: Verdict
    spent: float
    """CPU seconds of the submission so far."""
    refuted_by: tuple[str, bytes] | None = None


class Finished(msgspec.Struct, frozen=True, tag=True):
    """All checks have ended."""

    spent: float
    dearest_call: float


class Fault(msgspec.Struct, frozen=True, tag=True):
    """The fork can't go on, and that is the grader's fault."""

    what: str
    trace: str


Said = Hire | Dismiss | Ruled | Finished | Fault


class Hired(msgspec.Struct, frozen=True, tag=True):
    """A worker is ready; the channel to it comes along."""

    number: int
    pid: int


class Refused(msgspec.Struct, frozen=True, tag=True):
    """There is no worker to be had."""

    why: str


class Dismissed(msgspec.Struct, frozen=True, tag=True):
    """How a worker ended."""

    status: int
    seconds: float
    killed: bool
    why: Reason | None


Answered = Hired | Refused | Dismissed


class Ended(msgspec.Struct, frozen=True, tag=True):
    """A session's last word on a job."""

    report: KataReport
    slot_is_fine: bool
    """Whether the slot may be used again."""


def fault(kata: str, why: str | BaseException) -> KataReport:
    """The report on a kata where the grader failed."""
    what = str(why) or type(why).__name__
    return KataReport(kata, Status.ERROR, fault=encodable(what))
