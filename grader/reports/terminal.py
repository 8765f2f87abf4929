"""A report for people at a terminal, and a grading's progress. Learners' text is shown as data, never as markup."""

import time
from collections.abc import Mapping
from pathlib import PurePath
from types import MappingProxyType, TracebackType
from typing import NamedTuple, Self

from rich.cells import cell_len
from rich.console import Console, Group, OverflowMethod
from rich.live import Live
from rich.padding import Padding
from rich.segment import Segment, Segments
from rich.table import Column, Table
from rich.text import Text

from grader import scoring
from grader.model import Check, Done, Event, Judged, KataReport, Outcome, Planned, Report, Running, Status, Verdict
from grader.reports.verdicts import account, sentence
from grader.text import excerpt, one_line

WIDEST = 100
"""Columns; longer lines are hard to read."""

_FRAME = 0.05
"""Seconds between two pictures of the progress."""

_SIGNS = {
    Outcome.PASSED: ("✓", "+", "green"),
    Outcome.FAILED: ("✗", "x", "red"),
    Outcome.RAISED: ("!", "!", "red"),
    Outcome.TIMED_OUT: ("!", "!", "yellow"),
    Outcome.CRASHED: ("!", "!", "red"),
    Outcome.NOT_RUN: ("-", "-", "dim"),
}
_STYLES = {
    Status.PASSED: "bold green",
    Status.FAILED: "bold red",
    Status.ERROR: "bold magenta",
    Status.UNREADABLE: "bold yellow",
}


def render(report: Report, console: Console, *, failures: int = 3) -> None:
    """Print each kata's checks and its first failures in full, then the score."""
    page = _Page(console)
    for kata in report.katas:
        if kata.kata in report.missing and not kata.fault:
            page.missing(kata)
        else:
            page.kata(kata, failures)
    page.summary(report)


class _Page:
    """A console, the width that is used of it, and the characters that it has."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._width = min(console.width, WIDEST)
        self._ascii = console.options.ascii_only

    def kata(self, kata: KataReport, failures: int) -> None:
        score = scoring.kata_score(kata)
        if not score:
            self._heading(kata, ", no score")
            self._print(Text("The grader failed here. That is its own fault, not the submission's.\n"))
            self._print(self._rows(("fault", kata.fault)))
            return
        self._heading(kata, f" {score.earned}/{score.possible}")
        pairs = scoring.by_check(kata.checks, kata.verdicts)
        self._print(self._checks(pairs))
        self._print(Text())
        told = _told(pairs)[:failures]
        for check, verdict in told:
            self._failure(check, verdict)
        silent = sum(not _passed(verdict) for _, verdict in pairs) - len(told)
        if told and silent:
            self._print(Text(f"{silent} more {'check' if silent == 1 else 'checks'} did not pass.\n", "dim"))

    def missing(self, kata: KataReport) -> None:
        score = scoring.kata_score(kata)
        self._heading(kata, f" {score.earned}/{score.possible}" if score else "")
        self._print(Text(f"Not handed in: there is no {kata.kata.rpartition('/')[2]}.py.\n"))

    def summary(self, report: Report) -> None:
        for why in filter(None, (report.reason, report.fault)):
            self._print(self._line(f"{why}.\n"))
        if report.ignored:
            self._print(self._line(f"Ignored: {', '.join(report.ignored)}."))
        score = scoring.submission_score(report)
        points = f"{score.earned} of {score.possible} points" if score else "no score"
        result = Text(f"{report.status}, {points}", _STYLES[report.status])
        how = f" (isolation {report.isolation}, seed {report.seed}, {report.seconds:.1f} s)"
        self._print(Text.assemble(self._line(report.submission), ": ", result, how))

    def _heading(self, kata: KataReport, score: str) -> None:
        result = f" {kata.status}{score}"
        dashes = ("-" if self._ascii else "─") * (self._width - len(kata.kata) - 1 - len(result))
        self._print(Text.assemble((kata.kata, "bold"), " ", (dashes, "dim"), (result, _STYLES[kata.status])))

    def _checks(self, pairs: list[tuple[Check, Verdict | None]]) -> Table:
        table = Table(box=None, expand=True, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
        table.add_column(width=1, overflow="fold")
        table.add_column("check", ratio=1, overflow="fold")
        table.add_column("outcome", min_width=9, overflow="fold")
        table.add_column("points", min_width=6, justify="right", overflow="fold")
        for check, verdict in pairs:
            sign, word, style = self._outcome(verdict)
            points = f"{scoring.earned(check, verdict)}/{check.points}"
            table.add_row(Text(sign, style), self._line(check.says), Text(word, style), points)
        return table

    def _failure(self, check: Check, verdict: Verdict) -> None:
        sign, word, style = self._outcome(verdict)
        title = Table.grid(Column(width=1, overflow="fold"), Column(overflow="fold"), padding=(0, 2, 0, 0))
        title.add_row(Text(sign, style), Text.assemble((f"{word}: ", style), self._line(check.says, "bold")))
        self._print(title)
        rows = self._rows(
            ("call", verdict.call),
            ("returned", verdict.returned),
            ("expected", verdict.expected),
            ("note", sentence(verdict)),
        )
        self._print(rows)

    def _rows(self, *rows: tuple[str, str]) -> Padding:
        """Labelled texts, those that there are, aligned."""
        label = Column(style="dim", min_width=8, overflow="fold")
        table = Table.grid(label, Column(overflow="fold"), padding=(0, 2, 0, 0))
        for name, text in rows:
            if text:
                table.add_row(name, self._text(excerpt(text.strip("\n"))))
        return Padding(table, (0, 0, 1, 3))

    def _outcome(self, verdict: Verdict | None) -> tuple[str, str, str]:
        outcome = verdict.outcome if verdict else Outcome.NOT_RUN
        sign, plain_sign, style = _SIGNS[outcome]
        return plain_sign if self._ascii else sign, outcome.replace("_", " "), style

    def _line(self, text: str, style: str = "") -> Text:
        return self._text(one_line(" ".join(text.split()), 600), style)

    def _text(self, text: str, style: str = "") -> Text:
        return Text(_writable(text, self._console), style)

    def _print(self, what: Text | Table | Padding) -> None:
        """Print without the blanks that rich fills lines with."""
        for line in self._console.render_lines(what, self._console.options.update_width(self._width), pad=False):
            text = "".join(segment.text for segment in line).rstrip()
            trimmed = Segment.adjust_line_length(line, cell_len(text), pad=False)
            self._console.print(Segments([*trimmed, Segment.line()]), end="")


class Progress:
    """While entered, a line for each kata that is being graded, on a terminal; nothing where nobody can watch."""

    def __init__(self, console: Console, submissions: int = 1, frame: float = _FRAME) -> None:
        self._console = console
        self._going: dict[tuple[str, str], _Going] = {}
        self._of, self._reports, self._frame, self._shown = submissions, 0, frame, 0.0
        # No thread of rich's: nothing changes between two events.
        self._live = Live(
            console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
        )

    def __enter__(self) -> Self:
        if self._console.is_interactive:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    @property
    def shown(self) -> bool:
        """Whether anybody can watch."""
        return self._live.is_started

    def on(self, submission: str, event: Event) -> None:
        """Show what an event changes."""
        if not self.shown:
            return
        place = submission, event.kata
        going = self._going.get(place, _Going())
        match event:
            case Planned(checks=checks):
                self._going[place] = _Going({check.name: check.says for check in checks})
            case Running(check=check):
                self._going[place] = going._replace(running=going.says.get(check, check))
            case Judged():
                self._going[place] = going._replace(judged=going.judged + 1)
            case Done():
                self._going.pop(place, None)
        now = time.monotonic()
        # Drawing costs more than many a check: often enough is enough.
        if now - self._shown >= self._frame:
            self._shown = now
            self._live.update(Group(*self._head(), *map(self._line, self._going)), refresh=True)

    def reported(self) -> None:
        """Count a submission that is done."""
        self._reports += 1

    def _head(self) -> list[Text]:
        return [Text(f"{self._reports} of {self._of} submissions graded")] if self._of > 1 else []

    def _line(self, place: tuple[str, str]) -> Text:
        (submission, kata), going = place, self._going[place]
        # One file that is named after its kata: said once.
        alone = self._of == 1 and PurePath(submission).stem == kata.rpartition("/")[2]
        who = "" if alone else f"{_tail(submission)}  "
        count = f"  check {min(going.judged + 1, len(going.says))} of {len(going.says)}  "
        says = one_line(" ".join(going.running.split()))
        parts = ((who, ""), (kata, "bold"), (count, "cyan"), (says, "dim"))
        overflow: OverflowMethod = "crop" if self._console.options.ascii_only else "ellipsis"
        line = Text(no_wrap=True, overflow=overflow)
        return line.append_tokens((_writable(text, self._console), style) for text, style in parts)


class _Going(NamedTuple):
    """A kata that is being graded."""

    says: Mapping[str, str] = MappingProxyType({})
    judged: int = 0
    running: str = ""


def _tail(path: str, longest: int = 24) -> str:
    """The end of a path: its beginning is the same for a whole class."""
    return one_line(path) if len(path) <= longest else f"...{one_line(path[-longest:])}"


def _told(pairs: list[tuple[Check, Verdict | None]]) -> list[tuple[Check, Verdict]]:
    """What failed and has a reason, each reason once: code that can't be imported fails every check for the same."""
    first: dict[str, tuple[Check, Verdict]] = {}
    for check, verdict in pairs:
        if verdict and not _passed(verdict) and (told := account(verdict)):
            first.setdefault(told, (check, verdict))
    return list(first.values())


def _passed(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.outcome is Outcome.PASSED


def _writable(text: str, console: Console) -> str:
    """The text with what the console's encoding lacks as escapes."""
    return text.encode(console.encoding, "backslashreplace").decode(console.encoding)
