"""The format `json`: a line for each report, described by report.schema.json."""

import json
from typing import Any

import msgspec

from grader import scoring
from grader.model import Check, KataReport, Outcome, Report, Score, Status, Verdict
from grader.reports.verdicts import account, coded
from grader.reports.writer import Conditions, PastReport, ResumableWriter
from grader.text import encodable

SCHEMA = "shopkata/report/3"


class Writer(ResumableWriter):
    """Writes each report as one line of JSON."""

    def write(self, report: Report) -> None:
        """Write one line."""
        self.sink.write(f"{render(report)}\n")

    @staticmethod
    def read(line: bytes) -> PastReport | None:
        """Read a line that a run of this version wrote; None for any other line."""
        try:
            past = msgspec.json.decode(line.decode(), type=_PastLine)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        if past.schema != SCHEMA:
            return None
        katas = {kata.kata: kata.sha256 for kata in past.katas}
        conditions = Conditions(past.sha256, past.seed, past.isolation, past.certified, past.limit_scale, katas)
        return PastReport(past.submission, past.status, conditions)


class _PastKata(msgspec.Struct, frozen=True):
    """What `read` takes of a kata."""

    kata: str
    sha256: str | None


class _PastLine(msgspec.Struct, frozen=True):
    """What `read` takes of a line."""

    schema: str
    submission: str
    status: Status
    sha256: str | None
    seed: int
    isolation: str
    certified: bool
    limit_scale: float
    katas: list[_PastKata]


def render(report: Report) -> str:
    """One line of JSON without a line end: keys in a fixed order, ASCII only, so that every reader can take it."""
    facts = {
        "schema": SCHEMA,
        "submission": encodable(report.submission),
        "name": encodable(report.name or report.submission),
        "sha256": report.sha256 or None,
        "status": report.status,
        **_conditions(report),
        "started": report.started,
        "seconds": round(report.seconds, 3),
        "score": _score(scoring.submission_score(report)),
        "missing": list(report.missing),
        "ignored": [encodable(name) for name in report.ignored],
        "katas": [_kata(kata, report) for kata in report.katas],
    }
    if report.status is Status.UNREADABLE:
        facts["reason"] = encodable(report.reason)
    if report.status is Status.ERROR:
        facts["fault"] = encodable(_fault(report))
    return json.dumps(facts, separators=(",", ":"), allow_nan=False)


def _conditions(report: Report) -> dict[str, Any]:
    """What the grade depends on, apart from the submission and the katas."""
    return {
        "isolation": report.isolation,
        "certified": report.certified,
        "seed": report.seed,
        "limit_scale": report.limit_scale,
        "versions": report.versions.packages,
        "platform": report.versions.platform,
    }


def _fault(report: Report) -> str:
    faults = [f"{kata.kata}: {kata.fault}" for kata in report.katas if kata.fault]
    return "\n".join([*([report.fault] if report.fault else []), *faults])


def _kata(kata: KataReport, report: Report) -> dict[str, Any]:
    facts = {
        "kata": kata.kata,
        "sha256": report.hashes.get(kata.kata),
        "status": kata.status,
        "score": _score(scoring.kata_score(kata)),
        "seconds": round(kata.seconds, 3),
        "cpu_seconds": round(kata.cpu_seconds, 3),
        "limits": {name: round(value, 3) for name, value in msgspec.structs.asdict(kata.limits).items()},
        "checks": [_check(*pair) for pair in scoring.by_check(kata.checks, kata.verdicts)],
    }
    return facts | {"fault": encodable(kata.fault)} if kata.status is Status.ERROR else facts


def _check(check: Check, judged: Verdict | None) -> dict[str, Any]:
    verdict = judged or Verdict(check.name, Outcome.NOT_RUN)
    return {
        "name": check.name,
        "says": encodable(check.says),
        "group": check.group,
        "points": check.points,
        "earned": scoring.earned(check, verdict),
        "outcome": verdict.outcome,
        "call": _text(verdict.call),
        "returned": _text(verdict.returned),
        "expected": _text(verdict.expected),
        "reason": encodable(account(verdict)),
        **coded(verdict),
        "seconds": round(verdict.seconds, 3),
    }


def _text(shown: str) -> str | None:
    """The text, or None if it is empty."""
    return encodable(shown) if shown else None


def _score(score: Score | None) -> dict[str, int] | None:
    return {"earned": score.earned, "possible": score.possible} if score else None
