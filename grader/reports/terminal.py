"""The format `terminal`: a page for people. Learners' text is shown as data, never as markup."""

import io

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.segment import Segment, Segments
from rich.table import Column, Table
from rich.text import Text

from grader import scoring
from grader.model import Check, KataReport, Outcome, Report, Status, Verdict
from grader.reports import consoles
from grader.reports.streams import Sink, Stream
from grader.reports.verdicts import account, sentence
from grader.reports.writer import ReportWriter
from grader.text import excerpt, one_line

WIDEST = 100
"""Columns. Longer lines are hard to read."""

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


class Writer(ReportWriter):
    """Writes each report as a page, with the width, colours and characters of what it is written to."""

    def __init__(self, sink: Sink) -> None:
        super().__init__(sink)
        self._console = consoles.out(sink.file if isinstance(sink, Stream) else io.StringIO())

    def write(self, report: Report) -> None:
        """Write one page."""
        with self._console.capture() as captured:
            render(report, self._console)
        self.sink.write(captured.get())


def render(report: Report, console: Console, *, failures: int = 3) -> None:
    """Print the checks of each kata and its first `failures` failures in full, then the score."""
    page = _Page(console)
    for kata in report.katas:
        if kata.kata in report.missing and not kata.fault:
            page.missing(kata)
        else:
            page.kata(kata, failures)
    page.summary(report)


class _Page:
    """Prints on a console, in lines that are not too long, with characters that the console has."""

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
        shown = _failures(pairs)[:failures]
        for check, verdict in shown:
            self._failure(check, verdict)
        hidden = sum(not _passed(verdict) for _, verdict in pairs) - len(shown)
        if shown and hidden:
            self._print(Text(f"{hidden} more {'check' if hidden == 1 else 'checks'} did not pass.\n", "dim"))

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
        """Labels and texts in two columns; an empty text has no row."""
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
        return Text(consoles.writable(text, self._console), style)

    def _print(self, what: Text | Table | Padding) -> None:
        """Print without the blanks that rich adds at the end of lines."""
        for line in self._console.render_lines(what, self._console.options.update_width(self._width), pad=False):
            text = "".join(segment.text for segment in line).rstrip()
            trimmed = Segment.adjust_line_length(line, cell_len(text), pad=False)
            self._console.print(Segments([*trimmed, Segment.line()]), end="")


def _failures(pairs: list[tuple[Check, Verdict | None]]) -> list[tuple[Check, Verdict]]:
    """The first failed check for each reason: code that can't be imported fails every check for the same reason."""
    first: dict[str, tuple[Check, Verdict]] = {}
    for check, verdict in pairs:
        if verdict and not _passed(verdict) and (told := account(verdict)):
            first.setdefault(told, (check, verdict))
    return list(first.values())


def _passed(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.outcome is Outcome.PASSED
