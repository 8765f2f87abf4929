"""`kata grade`: read submissions, have them judged, write each report as soon as it is made."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
from rich.console import Console
from rich.text import Text

from grader.content import catalog
from grader.grading import destination, grade
from grader.grading.resume import Earlier
from grader.model import Report, Status, Submission, Unread, UsageError
from grader.reports import formats
from grader.reports.progress import Progress
from grader.reports.writer import writing
from grader.submissions import reader
from grader.text import encodable, one_line, quoted


class Order(NamedTuple):
    """What to grade and where reports go."""

    paths: Sequence[Path]
    katas: Sequence[str] = ()
    format: str = formats.DEFAULT
    """A name in `formats.FORMATS`."""
    output: Path | None = None
    resume: bool = False


def grade_paths(order: Order, options: grade.Options, err: Console) -> set[Status]:
    """Grade submissions and return how they ended. One that can't be read doesn't stop the others.

    On Ctrl-C the reports so far are written, and a message says how many. Raises UsageError, before anything is graded,
    for an order that can't be carried out.
    """
    run = _Run(order, err)
    run.refuse_what_cannot_be_done()
    with (
        destination.opened(order.format, order.output, order.paths, resume=order.resume) as where,
        run.summarized(),
        grade.pool_for(options) as pool,
        run.progress,
        writing(where.writer) as write,
    ):
        watched = msgspec.structs.replace(options, watched=run.progress.shown)
        submissions = run.read()
        new = run.without_graded(submissions, where.earlier, watched)
        reports = grade.grade(new, watched, pool, run.progress.on)
        for report in reports:
            write(report)
            run.count(report)
        run.keep_what_was_if_nothing_could_be_read(where)
    return set(run.statuses)


class _Run:
    """The steps of one run, and how its submissions ended."""

    def __init__(self, order: Order, err: Console) -> None:
        self.statuses: Counter[Status] = Counter()
        self.progress = Progress(err, len(order.paths))
        self._order, self._err = order, err
        self._unread: list[Unread] = []
        self._graded_before = 0

    def refuse_what_cannot_be_done(self) -> None:
        """Raise UsageError for a kata that there isn't, and for a path that is named twice: it identifies a report."""
        catalog.select(list(self._order.katas))
        count = Counter(encodable(str(path)) for path in self._order.paths)
        if twice := [path for path, times in count.items() if times > 1]:
            raise UsageError(f"{quoted(twice[0])} is there twice; name every submission once")

    def read(self) -> Iterator[Submission | Unread]:
        """Read each submission when it is needed, so that thousands take the memory of a few."""
        for path in self._order.paths:
            submission = reader.taken(path, self._order.katas)
            if isinstance(submission, Unread):
                self._unread.append(submission)
            yield submission

    def without_graded(
        self, submissions: Iterable[Submission | Unread], earlier: Earlier, options: grade.Options
    ) -> Iterator[Submission | Unread]:
        """Those that a run before has not graded in the same way."""
        for submission in submissions:
            if isinstance(submission, Unread):
                earlier.again(submission.path)
            elif status := earlier.status_of(submission, options):
                self._graded_before += 1
                self._count(status)
                continue
            yield submission

    def count(self, report: Report) -> None:
        """Note that a report was written."""
        self._count(report.status)

    def keep_what_was_if_nothing_could_be_read(self, where: destination.Destination) -> None:
        """Leave FILE alone then, and say so."""
        nothing = set(self.statuses) == {Status.UNREADABLE} and not self._order.resume
        if nothing and where.keep_what_was():
            self._say(f"kata: nothing could be graded; {self._order.output} is left as it was")

    @contextmanager
    def summarized(self) -> Iterator[None]:
        """At the end say how many were graded before, which couldn't be read, and how far a stopped run came."""
        try:
            yield
        except KeyboardInterrupt:
            done, of = self.statuses.total(), len(self._order.paths)
            self._say(f"kata: stopped; {done} of {of} submissions are graded, and their reports stand")
            raise
        finally:
            self._summarize()

    def _count(self, status: Status) -> None:
        self.statuses[status] += 1
        self.progress.reported()

    def _summarize(self) -> None:
        if self._graded_before:
            self._say(f"kata: {self._graded_before} of {len(self._order.paths)} were graded before")
        if self._unread:
            count = len(self._unread)
            self._say(f"kata: {count} submission{'s' if count > 1 else ''} can't be read:")
        for each in self._unread:
            where = "" if each.path == each.name else f"{one_line(each.path)}: "
            self._say(f"  {where}{each.reason or each.fault}")

    def _say(self, what: str) -> None:
        self._err.print(Text(what), soft_wrap=True)
