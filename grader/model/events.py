"""What a judge tells while it does a job."""

import msgspec

from grader.model.checks import Check, Verdict
from grader.model.reports import KataReport


class Planned(msgspec.Struct, frozen=True, tag=True):
    """The checks of a kata, collected before any learner's code runs."""

    kata: str
    checks: tuple[Check, ...]
    drawn: dict[str, int] = {}
    """How many examples were drawn for each property, by pytest's name of it, for audits."""
    unbanked: dict[str, str] = {}
    """Properties that can't be replayed, and why, for audits."""


class Running(msgspec.Struct, frozen=True, tag=True):
    """A check has begun."""

    kata: str
    check: str


class Judged(msgspec.Struct, frozen=True, tag=True):
    """A check has ended."""

    kata: str
    verdict: Verdict
    refuted_by: tuple[str, bytes] | None = None
    """The property's name for pytest and its encoded example, for audits."""


class Done(msgspec.Struct, frozen=True, tag=True):
    """A submission's kata has ended."""

    kata: str
    report: KataReport


Event = Planned | Running | Judged | Done
