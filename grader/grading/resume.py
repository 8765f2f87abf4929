"""`--resume`: which reports of an earlier run still hold, so that their submissions need not be graded again."""

from collections.abc import Callable, Iterable, Iterator

from grader.content import catalog
from grader.grading.grade import Options
from grader.grading.output import PartFile
from grader.grading.versions import hash_of
from grader.model import Status, Submission, UsageError
from grader.reports.writer import Conditions, PastReport
from grader.text import encodable

Read = Callable[[bytes], PastReport | None]
"""`ResumableWriter.read` of a format."""

_JUDGED = (Status.PASSED, Status.FAILED)


class Earlier:
    """Earlier reports by path. Of two with the same path the later one counts."""

    def __init__(self, reports: Iterable[PastReport] = ()) -> None:
        self._reports: dict[str, PastReport] = {}
        self.outdated = False
        """Whether some path has, or will have, a second report, so that the first must be deleted."""
        for report in reports:
            self.again(report.submission)
            self._reports[report.submission] = report

    def status_of(self, submission: Submission, options: Options) -> Status | None:
        """The status, if the submission was judged under the conditions that hold now; else None.

        A fault of the grader's is no such status: the submission is tried again.
        """
        report = self._reports.get(encodable(submission.path))
        if report and report.status in _JUDGED and report.conditions == _conditions(submission, options):
            return report.status
        self.again(submission.path)
        return None

    def again(self, path: str) -> None:
        """Note that a path will have a new report."""
        self.outdated = self.outdated or encodable(path) in self._reports


def take_up(part: PartFile, read: Read) -> Earlier:
    """Go on with the reports in the part file; if there is none, with a copy of those in FILE.

    Raises UsageError, and changes nothing, if a line is not a report.
    """
    if (lines := part.lines()) or not part.target.exists():
        return Earlier(_reports(lines, part.path.name, read))
    content = part.target.read_bytes()
    lines = content[: content.rfind(b"\n") + 1].splitlines()
    earlier = Earlier(_reports(lines, part.target.name, read))
    part.replace_lines(lines)
    return earlier


def latest(lines: Iterable[bytes], read: Read) -> list[bytes]:
    """For each path the line of its last report."""
    reports: dict[str, bytes] = {}
    for line in lines:
        if report := read(line):
            reports.pop(report.submission, None)
            reports[report.submission] = line
    return list(reports.values())


def _reports(lines: Iterable[bytes], where: str, read: Read) -> Iterator[PastReport]:
    for number, line in enumerate(lines, 1):
        if (report := read(line)) is None:
            raise UsageError(
                f"line {number} of {where} is no report that this version can go on with; write to another file"
            )
        yield report


def _conditions(submission: Submission, options: Options) -> Conditions:
    """The conditions under which the submission would be graded now."""
    katas = {*submission.missing, *(source.kata for source in submission.sources)}
    return Conditions(
        sha256=submission.sha256,
        seed=options.seed,
        isolation=options.isolation,
        certified=options.certified,
        limit_scale=options.limit_scale,
        katas={kata: hash_of(catalog.find(kata)) for kata in katas},
    )
