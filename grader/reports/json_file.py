"""A report for machines: one line of JSON, described by report.schema.json."""

import json
from typing import Any

from grader import scoring
from grader.model import Check, KataReport, Outcome, Report, Score, Status, Verdict

SCHEMA = "shopkata/report/1"


def render(report: Report) -> str:
    """One line, without a line end: keys in a fixed order, and ASCII only, so that no reader and no terminal chokes."""
    facts = {
        "schema": SCHEMA,
        "submission": _text(report.submission),
        "sha256": report.sha256,
        "status": report.status,
        "isolation": report.isolation,
        "seed": report.seed,
        "started": report.started,
        "seconds": round(report.seconds, 3),
        "score": _score(scoring.submission_score(report)),
        "katas": [_kata(kata) for kata in report.katas],
    }
    if report.status is Status.ERROR:
        facts["fault"] = _text("\n".join(f"{kata.kata}: {kata.fault}" for kata in report.katas if kata.fault))
    return json.dumps(facts, separators=(",", ":"), allow_nan=False)


def _kata(kata: KataReport) -> dict[str, Any]:
    facts = {
        "kata": kata.kata,
        "status": kata.status,
        "score": _score(scoring.kata_score(kata)),
        "seconds": round(kata.seconds, 3),
        "cpu_seconds": round(kata.cpu_seconds, 3),
        "checks": [_check(*pair) for pair in scoring.by_check(kata.checks, kata.verdicts)],
    }
    return facts | {"fault": _text(kata.fault)} if kata.status is Status.ERROR else facts


def _check(check: Check, verdict: Verdict | None) -> dict[str, Any]:
    return {
        "name": check.name,
        "says": _text(check.says),
        "group": check.group,
        "points": check.points,
        "earned": scoring.earned(check, verdict),
        "outcome": verdict.outcome if verdict else Outcome.NOT_RUN,
        "reason": _text(verdict.reason) if verdict else "",
        "seconds": round(verdict.seconds, 3) if verdict else 0.0,
    }


def _score(score: Score | None) -> dict[str, int] | None:
    return {"earned": score.earned, "possible": score.possible} if score else None


def _text(text: str) -> str:
    """Lone surrogates as escapes: JSON can spell them, but no reader that wants UTF-8 can take them."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
