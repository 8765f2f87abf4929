"""What an interrupted run left: reports that need not be made again."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from grader.content import catalog
from grader.grading.grade import Options
from grader.grading.output import PartFile
from grader.grading.versions import hash_of
from grader.model import Status, Submission, UsageError
from grader.reports import json_file

_JUDGED = (Status.PASSED, Status.FAILED)


class _Report(NamedTuple):
    """What has to be known of a report to tell whether it still holds."""

    path: str
    status: Status
    conditions: tuple[object, ...]


class Earlier:
    """Reports by path, the later of two; a submission that has one for the same content isn't judged again."""

    def __init__(self, lines: Iterable[bytes] = (), where: str = "") -> None:
        self._reports: dict[str, _Report] = {}
        self.outdated = False
        """Whether some path has two reports, of which one must go."""
        for number, line in enumerate(lines, 1):
            if (report := _read(line)) is None:
                raise UsageError(f"line {number} of {where} is no report for --resume; write to another file")
            self.again(report.path)
            self._reports[report.path] = report

    def status_of(self, submission: Submission, options: Options) -> Status | None:
        """How it ended, if it was judged before just as it would be now. A fault of ours is tried again."""
        report = self._reports.get(json_file.text(submission.path))
        if report and report.status in _JUDGED and report.conditions == _wanted(submission, options):
            return report.status
        self.again(submission.path)
        return None

    def again(self, path: str) -> None:
        """Note that a path will have a new report."""
        self.outdated = self.outdated or json_file.text(path) in self._reports


def take_up(part: PartFile) -> Earlier:
    """What an interrupted run left in the part file or, if there is none, what is in the file itself."""
    if (lines := part.lines()) or not part.target.exists():
        return Earlier(lines, part.path.name)
    content = part.target.read_bytes()
    lines = content[: content.rfind(b"\n") + 1].splitlines()
    earlier = Earlier(lines, part.target.name)
    part.refill(lines)
    return earlier


def latest(lines: Iterable[bytes]) -> list[bytes]:
    """For every path its last report."""
    reports: dict[str, bytes] = {}
    for line in lines:
        if report := _read(line):
            reports.pop(report.path, None)
            reports[report.path] = line
    return list(reports.values())


def _read(line: bytes) -> _Report | None:
    """A report as far as it matters; None if it is something else."""
    try:
        facts = json.loads(line)
        if facts["schema"] != json_file.SCHEMA:
            return None
        return _Report(str(facts["submission"]), Status(facts["status"]), _conditions(facts))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _conditions(facts: dict[str, Any]) -> tuple[object, ...]:
    """What a report says that its grade depends on."""
    katas = {kata["kata"]: kata["sha256"] for kata in facts["katas"]}
    return (facts["sha256"], facts["seed"], facts["isolation"], facts["certified"], facts["limit_scale"], katas)


def _wanted(submission: Submission, options: Options) -> tuple[object, ...]:
    katas = {*submission.missing, *(source.kata for source in submission.sources)}
    hashes = {kata: hash_of(catalog.find(kata)) for kata in katas}
    return (submission.sha256, options.seed, options.isolation, options.certified, options.limit_scale, hashes)
