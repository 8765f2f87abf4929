"""`kata grade`: read submissions, have them judged, write each report as soon as it is made."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
from rich.console import Console
from rich.text import Text

from grader.content import catalog
from grader.grading import grade, output
from grader.grading.resume import Earlier, Read, latest, take_up
from grader.model import Status, Submission, Unread, UsageError
from grader.reports import formats, streams
from grader.reports.progress import Progress
from grader.reports.writer import ReportWriter, ResumableWriter, writing
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
    catalog.select(list(order.katas))
    _refuse_twice(order.paths)
    writer_class = formats.writer_class(order.format)
    with _destination(order, writer_class) as (sink, earlier):
        run = _Run(order, options, earlier, err)
        run.to(writer_class(sink))
        if set(run.statuses) == {Status.UNREADABLE} and not order.resume and _keeps_what_was(sink):
            err.print(Text(f"kata: nothing could be graded; {order.output} is left as it was"), soft_wrap=True)
    return set(run.statuses)


class _Run:
    """One run: its submissions, and how they ended."""

    def __init__(self, order: Order, options: grade.Options, earlier: Earlier, err: Console) -> None:
        self.statuses: Counter[Status] = Counter()
        self._order, self._options, self._earlier, self._err = order, options, earlier, err
        self._unread: list[Unread] = []
        self._resumed = 0

    def to(self, reports: ReportWriter) -> None:
        """Grade, and write each report as it comes."""
        try:
            with (
                grade.pool_for(self._options) as pool,
                Progress(self._err, len(self._order.paths)) as progress,
                writing(reports) as write,
            ):
                options = msgspec.structs.replace(self._options, watched=progress.shown)
                for report in grade.grade(self._entered(progress), options, pool, progress.on):
                    write(report)
                    self.statuses[report.status] += 1
                    progress.reported()
        except KeyboardInterrupt:
            done, of = self.statuses.total(), len(self._order.paths)
            self._say(f"kata: stopped; {done} of {of} submissions are graded, and their reports stand")
            raise
        finally:
            self._summarize()

    def _entered(self, progress: Progress) -> Iterator[Submission | Unread]:
        """Read each submission when it is needed, so that thousands take the memory of a few."""
        for path in self._order.paths:
            submission = reader.taken(path, self._order.katas)
            if isinstance(submission, Unread):
                self._unread.append(submission)
                self._earlier.again(submission.path)
            elif status := self._earlier.status_of(submission, self._options):
                self.statuses[status] += 1
                self._resumed += 1
                progress.reported()
                continue
            yield submission

    def _summarize(self) -> None:
        """Say how many were graded before, and which ones couldn't be read."""
        if self._resumed:
            self._say(f"kata: {self._resumed} of {len(self._order.paths)} were graded before")
        if self._unread:
            count = len(self._unread)
            self._say(f"kata: {count} submission{'s' if count > 1 else ''} can't be read:")
        for each in self._unread:
            where = "" if each.path == each.name else f"{one_line(each.path)}: "
            self._say(f"  {where}{each.reason or each.fault}")

    def _say(self, what: str) -> None:
        self._err.print(Text(what), soft_wrap=True)


def _refuse_twice(paths: Sequence[Path]) -> None:
    """Refuse two submissions of one path: the path is what identifies a report."""
    count = Counter(encodable(str(path)) for path in paths)
    if twice := [path for path, times in count.items() if times > 1]:
        raise UsageError(f"{quoted(twice[0])} is there twice; name every submission once")


@contextmanager
def _destination(order: Order, writer_class: type[ReportWriter]) -> Iterator[tuple[streams.Sink, Earlier]]:
    """Where reports go, and which are there already. However the run ends, what was written stays."""
    read = writer_class.read if issubclass(writer_class, ResumableWriter) else None
    if order.resume and not (order.output and read):
        needed = " or ".join(f"--format {name}" for name in formats.resumable())
        raise UsageError(f"--resume goes on with the reports in a file; it needs {needed} and --output FILE")
    if order.output is None:
        with streams.standard_output() as stream:
            yield stream, Earlier()
        return
    with ExitStack() as at_end:
        sink = output.opened(order.output, order.paths)
        if isinstance(sink, streams.Stream):
            yield sink, Earlier()
            return
        at_end.callback(sink.close)
        earlier = take_up(sink, read) if order.resume and read else _fresh(sink, read)
        try:
            yield sink, earlier
        except KeyboardInterrupt:
            _put_in_place(sink, earlier, read)
            raise
        _put_in_place(sink, earlier, read)


def _fresh(sink: output.PartFile, read: Read | None) -> Earlier:
    """Start without earlier reports. Raises UsageError if a run that was cut short left some in the part file."""
    if lines := sink.lines():
        advice = "go on with --resume, or move it away" if read else "move it away"
        raise UsageError(f"{sink.path.name} holds {len(lines)} lines of a run that was cut short; {advice}")
    return Earlier()


def _keeps_what_was(sink: streams.Sink) -> bool:
    """Keep FILE, if there is one, where no submission could be read: most likely the PATHs were misspelt."""
    if not isinstance(sink, output.PartFile) or not sink.target.exists():
        return False
    sink.discard()
    return True


def _put_in_place(sink: output.PartFile, earlier: Earlier, read: Read | None) -> None:
    if read and earlier.outdated:
        sink.replace_lines(latest(sink.lines(), read))
    sink.finish()
