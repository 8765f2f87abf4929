"""What a report format is: a class that writes reports to a sink."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import final

import msgspec

from grader.model import Report, Status
from grader.reports.streams import Sink


class ReportWriter(ABC):
    """Writes the reports of one run in one format.

    Call `open` before the first report and `close` after the last; a run without a report calls neither. Each method
    passes whole texts to the sink. They raise what `Sink.write` raises.
    """

    def __init__(self, sink: Sink) -> None:
        self.sink = sink

    def open(self) -> None:  # noqa: B027  most formats begin with the first report
        """Write what comes before the first report."""

    @abstractmethod
    def write(self, report: Report) -> None:
        """Write one report by one call of the sink, with a line end, so that a killed run leaves only whole reports."""

    def close(self) -> None:  # noqa: B027  most formats end with the last report
        """Write what comes after the last report."""


class Conditions(msgspec.Struct, frozen=True):
    """What a grade depends on: the same conditions give the same grade."""

    sha256: str | None
    """Of the submission; None if it could not be read."""
    seed: int
    isolation: str
    certified: bool
    limit_scale: float
    katas: dict[str, str | None]
    """The hash of each kata."""


class PastReport(msgspec.Struct, frozen=True):
    """What `--resume` has to know of a report in a file."""

    submission: str
    """Its path, as `text.encodable` spells it."""
    status: Status
    conditions: Conditions


class ResumableWriter(ReportWriter):
    """A format that writes a line for each report and nothing else, so that a later run can append to a file."""

    @final
    def open(self) -> None:
        """Write nothing: a resumed run would write it a second time."""

    @final
    def close(self) -> None:
        """Write nothing: the reports of a resumed run would come after it."""

    @staticmethod
    @abstractmethod
    def read(line: bytes) -> PastReport | None:
        """Read a line of a file; None if it is not a report of this format and this version."""


@contextmanager
def writing(writer: ReportWriter) -> Iterator[Callable[[Report], None]]:
    """Give a function that writes a report; open the writer before the first, close it at the end or on Ctrl-C.

    After any other error the writer is not closed: such a run leaves a file that is visibly incomplete.
    """
    is_open = False

    def write(report: Report) -> None:
        nonlocal is_open
        if not is_open:
            is_open = True
            writer.open()
        writer.write(report)

    try:
        yield write
    except KeyboardInterrupt:
        if is_open:
            writer.close()
        raise
    if is_open:
        writer.close()
