"""The findings as a page of Markdown, and on the terminal."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from rich.console import Console
from rich.table import Table

from benchmarks import goals
from benchmarks.bench import Finding
from benchmarks.figures import Figure

_HEAD = """# What grading costs

Written by `python -m benchmarks{options}` in {minutes:.0f} minutes. Seconds depend on the machine; ratios, taken
within one run on the same work, less. The work is [one kata and 24 submissions of it](work/README.md), left alone so
that figures of different days compare.

To repeat: `pip install -e . && python -m benchmarks`, on Linux, in a clone, on a machine that does nothing else;
`--quick` takes a few minutes and shows the same with less certainty. The peers are installed from PyPI, each in a
virtual environment of its own, with numpy, hypothesis and pytest as here; the kata is put in their formats by
`benchmarks/peers`.
"""
_METHOD = """CPU is user and system time of every process that a command starts: this process adopts those whose parent
doesn't wait for them, so that each is waited for by somebody and counted.{counted}

Every command has a home that isn't the user's, warm from a turn before, and bytecode is cached. A cell shows the median
and, in brackets, the lowest and the highest of the turns; a ratio is taken turn by turn.
"""
_COUNTED = (
    " While a class was\ngraded, the cores were busy for {busy} times what was counted so; 1 where nothing else runs."
)


def figures_of(findings: Iterable[Finding]) -> dict[str, Figure]:
    """The figures of all findings."""
    return dict(chain.from_iterable(finding.figures.items() for finding in findings))


def page(machine: Sequence[tuple[str, str]], findings: Sequence[Finding], options: str, seconds: float) -> str:
    """Everything, as Markdown."""
    figures = figures_of(findings)
    parts = [
        _HEAD.format(options=options, minutes=seconds / 60),
        "## Goals\n",
        table(goals.HEAD, goals.rows(figures)),
        *(f"## {each.title}\n\n{each.says}\n\n{table(each.head, each.rows)}" for each in findings),
        f"## How it was measured\n\n{_METHOD.format(counted=_counted(figures))}",
        table(("machine", ""), machine, "---"),
    ]
    return "\n".join(parts)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], rule: str = "---:") -> str:
    """A table in Markdown: names to the left, figures to the right."""
    lines = [head, ["---", *[rule] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


def show(finding: Finding, console: Console) -> None:
    """One finding, as soon as it is there."""
    console.print()
    console.print(f"[bold]{finding.title}[/bold]")
    console.print(finding.says, style="dim", highlight=False)
    console.print(_shown(finding.head, finding.rows))


def show_goals(figures: Mapping[str, Figure], console: Console) -> None:
    """The goals that something was measured for."""
    if rows := [row for row in goals.rows(figures) if row[-1]]:
        console.print()
        console.print("[bold]Goals[/bold]")
        console.print(_shown(goals.HEAD, rows))


def _shown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for place, name in enumerate(head):
        shown.add_column(name, justify="right" if place else "left")
    for row in rows:
        shown.add_row(*(cell.replace("[", "\\[") for cell in row))
    return shown


def _counted(figures: Mapping[str, Figure]) -> str:
    busy = figures.get("busy over counted")
    return _COUNTED.format(busy=busy) if busy else ""
