"""`kata grade`: read what was handed in, have it judged, write each report as soon as it is there."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple, TextIO

import msgspec
from rich.console import Console
from rich.text import Text

from grader.content import catalog
from grader.grading import grade, output
from grader.grading.resume import Earlier, latest, take_up
from grader.model import Report, Status, Submission, Unread, UsageError
from grader.reports import consoles, json_file, streams, terminal
from grader.submissions import reader
from grader.text import one_line, quoted


class Order(NamedTuple):
    """What to grade and where reports go."""

    paths: Sequence[Path]
    katas: Sequence[str] = ()
    json: bool = False
    output: Path | None = None
    resume: bool = False


def grade_paths(order: Order, options: grade.Options, err: Console) -> set[Status]:
    """Grade submissions, and tell how they ended. One that can't be read doesn't stop the others.

    On Ctrl-C what is done has been written, and how much that is is said. Raises UsageError, before anything is
    graded, for what can't be done at all.
    """
    catalog.select(list(order.katas))
    _refuse_twice(order.paths)
    with _destination(order) as (sink, earlier):
        run = _Run(order, options, earlier, err)
        run.to(sink)
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

    def to(self, sink: streams.Sink) -> None:
        """Grade, and write each report as it comes."""
        render = _renderer(self._order, sink)
        try:
            with (
                grade.pool_for(self._options) as pool,
                terminal.Progress(self._err, len(self._order.paths)) as progress,
            ):
                options = msgspec.structs.replace(self._options, watched=progress.shown)
                for report in grade.grade(self._entered(progress), options, pool, progress.on):
                    render(report)
                    self.statuses[report.status] += 1
                    progress.reported()
        except KeyboardInterrupt:
            done, of = self.statuses.total(), len(self._order.paths)
            self._say(f"kata: stopped; {done} of {of} submissions are graded, and their reports stand")
            raise
        finally:
            self._tell()

    def _entered(self, progress: terminal.Progress) -> Iterator[Submission | Unread]:
        """Each when it is wanted, so that thousands take the memory of a few."""
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

    def _tell(self) -> None:
        """All that couldn't be read at once, and what was taken from an earlier run."""
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
    """A report is known by its path."""
    count = Counter(json_file.text(str(path)) for path in paths)
    if twice := [path for path, times in count.items() if times > 1]:
        raise UsageError(f"{quoted(twice[0])} is there twice; name every submission once")


@contextmanager
def _destination(order: Order) -> Iterator[tuple[streams.Sink, Earlier]]:
    """Where reports go, and what is there already. However the run ends, what was written stays."""
    if order.resume and not (order.output and order.json):
        raise UsageError("--resume takes up the reports in a file; it needs --format json and --output FILE")
    if order.output is None:
        with streams.standard() as stream:
            yield stream, Earlier()
        return
    with ExitStack() as at_end:
        sink = output.opened(order.output, order.paths)
        if isinstance(sink, streams.Stream):
            yield sink, Earlier()
            return
        at_end.callback(sink.close)
        earlier = take_up(sink) if order.resume else _fresh(sink, order)
        try:
            yield sink, earlier
        except KeyboardInterrupt:
            _put_in_place(sink, earlier)
            raise
        _put_in_place(sink, earlier)


def _fresh(sink: output.PartFile, order: Order) -> Earlier:
    """Refuse to write over reports that a run left which was cut short."""
    if lines := sink.lines():
        advice = "go on with --resume, or move it away" if order.json else "move it away"
        raise UsageError(f"{sink.path.name} holds {len(lines)} lines of a run that was cut short; {advice}")
    return Earlier()


def _keeps_what_was(sink: streams.Sink) -> bool:
    """Where FILE is there, it is worth more than reports on nothing: a PATH was misspelt, most likely."""
    if not isinstance(sink, output.PartFile) or not sink.target.exists():
        return False
    sink.discard()
    return True


def _put_in_place(sink: output.PartFile, earlier: Earlier) -> None:
    if earlier.outdated:
        sink.refill(latest(sink.lines()))
    sink.finish()


def _renderer(order: Order, sink: streams.Sink) -> Callable[[Report], None]:
    """What writes one report."""
    if order.json:
        return lambda report: sink.write(f"{json_file.render(report)}\n")
    console = consoles.out(_shown_on(sink))

    def render(report: Report) -> None:
        with console.capture() as captured:
            terminal.render(report, console)
        sink.write(captured.get())

    return render


def _shown_on(sink: streams.Sink) -> TextIO:
    """What tells a console its width, its colours and its characters."""
    import io  # noqa: PLC0415

    return sink.file if isinstance(sink, streams.Stream) else io.StringIO()
