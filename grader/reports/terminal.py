"""A report for people at a terminal, and the progress of a grading. Learners' text is shown as data, never as markup."""

from types import TracebackType
from typing import Self

import msgspec
from rich.console import Console
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader import scoring
from grader.harmless import excerpt, one_line
from grader.model import Check, Done, Event, Judged, KataReport, Outcome, Planned, Report, Running, Status, Verdict

WIDEST = 100
"""Columns that lines still read well at."""

_SIGNS = {
    Outcome.PASSED: ("✓", "+", "green"),
    Outcome.FAILED: ("✗", "x", "red"),
    Outcome.RAISED: ("!", "!", "red"),
    Outcome.TIMED_OUT: ("!", "!", "yellow"),
    Outcome.CRASHED: ("!", "!", "red"),
    Outcome.NOT_RUN: ("-", "-", "dim"),
}
_STYLES = {Status.PASSED: "bold green", Status.FAILED: "bold red", Status.ERROR: "bold magenta"}


def render(report: Report, console: Console, *, failures: int = 3) -> None:
    """Print each kata's checks and its first failures in full, then the score."""
    page = _Page(console)
    for kata in report.katas:
        page.kata(kata, failures)
    page.summary(report)


class _Page:
    """One console's way of writing: its width, and the characters that it has."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._width = min(console.width, WIDEST)

    def kata(self, kata: KataReport, failures: int) -> None:
        """One kata: its heading, its checks, what failed."""
        score = scoring.kata_score(kata)
        self._heading(kata.kata, f"{score.earned}/{score.possible} {kata.status}" if score else "no score", kata.status)
        if not score:
            self._print(self._text("The grader failed on this kata. That is its own fault, not the submission's."))
            self._print(Padding(self._rows([("fault", kata.fault)]), (1, 0, 1, 2)))
            return
        pairs = scoring.by_check(kata.checks, kata.verdicts)
        self._print(self._checks(pairs))
        self._print(Text())
        self._failures(pairs, failures)

    def summary(self, report: Report) -> None:
        """The last line: whose, how it ended, the score, and how it was graded."""
        score = scoring.submission_score(report)
        points = f"{score.earned} of {score.possible} points" if score else "no score, by the grader's own fault"
        how = f"isolation {report.isolation}, seed {report.seed}, {report.seconds:.1f} s"
        result = self._text(f"{report.status}, {points}", _STYLES[report.status])
        self._print(Text.assemble(self._text(one_line(report.submission)), ": ", result, f" ({how})"))

    def _heading(self, name: str, result: str, status: Status) -> None:
        line = ("-" if self._ascii else "─") * (self._width - len(name) - len(result) - 2)
        self._print(Text.assemble((name, "bold"), " ", (line, "dim"), " ", (result, _STYLES[status])))

    def _checks(self, pairs: list[tuple[Check, Verdict | None]]) -> Table:
        table = Table(box=None, expand=True, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
        table.add_column("", width=1)
        table.add_column("check", ratio=1, overflow="fold")
        table.add_column("outcome", overflow="fold")
        table.add_column("points", justify="right", overflow="fold")
        for check, verdict in pairs:
            sign, word, style = self._outcome(verdict)
            points = f"{scoring.earned(check, verdict)}/{check.points}"
            table.add_row(Text(sign, style), self._sentence(check), Text(word, style), points)
        return table

    def _failures(self, pairs: list[tuple[Check, Verdict | None]], most: int) -> None:
        failed = [(check, verdict) for check, verdict in pairs if not _passed(verdict)]
        # Code that can't even be imported fails every check for one reason: it is told once.
        told = {verdict.reason: (check, verdict) for check, verdict in reversed(failed) if verdict and verdict.reason}
        shown = list(reversed(told.values()))[:most]
        for check, verdict in shown:
            sign, word, style = self._outcome(verdict)
            self._print(Text.assemble((f"{sign} {word}: ", style), self._sentence(check, "bold")))
            rows = [
                ("call", verdict.call),
                ("returned", verdict.returned),
                ("expected", verdict.expected),
                ("note", verdict.note),
            ]
            self._print(Padding(self._rows(rows), (0, 0, 1, 2)))
        if shown and len(failed) > len(shown):
            self._print(Text(f"{len(failed) - len(shown)} more did not pass.\n", "dim"))

    def _rows(self, rows: list[tuple[str, str]]) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(style="dim", overflow="fold")
        table.add_column(overflow="fold")
        for label, value in rows:
            if value:
                table.add_row(label, self._text(excerpt(value)))
        return table

    def _outcome(self, verdict: Verdict | None) -> tuple[str, str, str]:
        outcome = verdict.outcome if verdict else Outcome.NOT_RUN
        sign, ascii_sign, style = _SIGNS[outcome]
        return ascii_sign if self._ascii else sign, outcome.replace("_", " "), style

    def _print(self, what: Text | Table | Padding) -> None:
        self._console.print(what, width=self._width, highlight=False)
