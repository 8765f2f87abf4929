"""Where the reports of a run go, and which are there already."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from grader.grading import output
from grader.grading.resume import Earlier, Read, latest, take_up
from grader.model import UsageError
from grader.reports import formats, streams
from grader.reports.writer import ReportWriter, ResumableWriter


class Destination(NamedTuple):
    """An open sink, the writer of its format, and the reports that a run before has left there."""

    sink: streams.Sink
    writer: ReportWriter
    earlier: Earlier

    def keep_what_was(self) -> bool:
        """Keep FILE, if there is one, where no submission could be read: most likely the PATHs were misspelt."""
        if not isinstance(self.sink, output.PartFile) or not self.sink.target.exists():
            return False
        self.sink.discard()
        return True


@contextmanager
def opened(format_name: str, file: Path | None, paths: Sequence[Path], *, resume: bool) -> Iterator[Destination]:
    """Open FILE, or standard output without one. However the run ends, what was written stays.

    Raises UsageError where FILE can't be written, is a submission, or can't be resumed.
    """
    make = formats.writer_class(format_name)
    read = make.read if issubclass(make, ResumableWriter) else None
    if resume and not (file and read):
        needed = " or ".join(f"--format {name}" for name in formats.resumable())
        raise UsageError(f"--resume goes on with the reports in a file; it needs {needed} and --output FILE")
    if file is None:
        with streams.standard_output() as stream:
            yield Destination(stream, make(stream), Earlier())
        return
    with ExitStack() as at_end:
        sink = output.opened(file, paths)
        if isinstance(sink, streams.Stream):
            yield Destination(sink, make(sink), Earlier())
            return
        at_end.callback(sink.close)
        earlier = take_up(sink, read) if resume and read else _fresh(sink, read)
        finish = _finisher(sink, earlier, read)
        try:
            yield Destination(sink, make(sink), earlier)
        except KeyboardInterrupt:
            finish()
            raise
        finish()


def _fresh(sink: output.PartFile, read: Read | None) -> Earlier:
    """Start without earlier reports. Raises UsageError if a run that was cut short left some in the part file."""
    if lines := sink.lines():
        advice = "go on with --resume, or move it away" if read else "move it away"
        raise UsageError(f"{sink.path.name} holds {len(lines)} lines of a run that was cut short; {advice}")
    return Earlier()


def _finisher(sink: output.PartFile, earlier: Earlier, read: Read | None) -> Callable[[], None]:
    """What puts the part file in FILE's place, with one report for each path."""

    def finish() -> None:
        if read and earlier.outdated:
            sink.replace_lines(latest(sink.lines(), read))
        sink.finish()

    return finish
