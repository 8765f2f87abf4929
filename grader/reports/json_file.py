"""A report for machines: one line of JSON, described by report.schema.json."""

import json
from typing import Any

import msgspec

from grader import scoring
from grader.model import Check, KataReport, Outcome, Report, Score, Status, Verdict
from grader.reports.verdicts import account, coded
from grader.text import encodable

SCHEMA = "shopkata/report/2"


def render(report: Report) -> str:
    """One line, without a line end: keys in a fixed order, and ASCII only, so that no reader and no terminal chokes."""
    facts = {
        "schema": SCHEMA,
        "submission": text(report.submission),
        "name": text(report.name or report.submission),
        "sha256": report.sha256 or None,
        "status": report.status,
        **_conditions(report),
        "started": report.started,
        "seconds": round(report.seconds, 3),
        "score": _score(scoring.submission_score(report)),
        "missing": list(report.missing),
        "ignored": [text(name) for name in report.ignored],
        "katas": [_kata(kata, report) for kata in report.katas],
    }
    if report.status is Status.UNREADABLE:
        facts["reason"] = text(report.reason)
    if report.status is Status.ERROR:
        facts["fault"] = text(_fault(report))
    return json.dumps(facts, separators=(",", ":"), allow_nan=False)


def text(shown: str) -> str:
    """Lone surrogates as escapes: JSON can spell them, but no reader that wants UTF-8 can take them."""
    return encodable(shown)


def _conditions(report: Report) -> dict[str, Any]:
    """What the grade depends on, besides the submission and the katas."""
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
    return facts | {"fault": text(kata.fault)} if kata.status is Status.ERROR else facts


def _check(check: Check, verdict: Verdict | None) -> dict[str, Any]:
    return {
        "name": check.name,
        "says": text(check.says),
        "group": check.group,
        "points": check.points,
        "earned": scoring.earned(check, verdict),
        "outcome": verdict.outcome if verdict else Outcome.NOT_RUN,
        "reason": text(account(verdict)) if verdict else "",
        **coded(verdict),
        "seconds": round(verdict.seconds, 3) if verdict else 0.0,
    }


def _score(score: Score | None) -> dict[str, int] | None:
    return {"earned": score.earned, "possible": score.possible} if score else None
