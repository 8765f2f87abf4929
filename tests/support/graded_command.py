"""`kata grade` with a grader made up, which is as good as the names of its submissions say."""

import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.console import Console

from grader.grading.command import Order, grade_paths
from grader.grading.grade import Options
from grader.model import Check, Group, KataReport, Report, Status, Submission, Unread

PLAN = (Check("test_a", "It adds.", Group.EDGES, 3),)
OPTIONS = Options("bare")


class Grading:
    """Stands in for the main path; what it is given, it reports on."""

    def __init__(self) -> None:
        self.judged: list[str] = []
        self.stop_after = 1_000
        self.error: BaseException = KeyboardInterrupt()
        self.status = Status.PASSED
        self.hash = "1" * 64

    def grade(self, submissions: Iterable[Submission | Unread], options: Options, *_: object) -> Iterator[Report]:
        for submission in submissions:
            if len(self.judged) == self.stop_after:
                raise self.error
            self.judged.append(submission.path)
            yield self._report(submission, options)

    def _report(self, submission: Submission | Unread, options: Options) -> Report:
        unread = isinstance(submission, Unread)
        katas = () if unread else (KataReport(submission.sources[0].kata, self.status, PLAN, fault="x"),)
        status = Status.UNREADABLE if unread else self.status
        return Report(
            submission.path,
            "" if unread else submission.sha256,
            status,
            options.isolation,
            options.seed,
            "2026-01-31T08:05:09+00:00",
            0.0,
            katas,
            name=submission.name,
            reason=submission.reason if unread else "",
            certified=options.certified,
            limit_scale=options.limit_scale,
            hashes={kata.kata: self.hash for kata in katas},
        )


def run(*paths: str, options: Options = OPTIONS, **order: object) -> tuple[set[Status], str]:
    """What came of it, and what was said."""
    said = io.StringIO()
    order = {"format": "json", "output": Path("r.jsonl"), **order}
    err = Console(file=said, width=40, force_terminal=False, _environ={})
    try:
        statuses = grade_paths(Order([Path(path) for path in paths], **order), options, err)
    except KeyboardInterrupt:
        statuses = {"stopped"}
    return statuses, said.getvalue()


def reported(name: str = "r.jsonl") -> list[str]:
    return [json.loads(line)["submission"] for line in Path(name).read_text().splitlines()]
