"""Print an audit: the kill matrix, the problems, and a table with a row for each kata."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.audit.bank_proof import BankProof
from grader.audit.proof import Proof
from grader.model import Outcome

_MARKS = {Outcome.FAILED: "x", Outcome.RAISED: "r", Outcome.TIMED_OUT: "t", Outcome.CRASHED: "c", Outcome.NOT_RUN: "-"}


def matrix(found: Proof, console: Console) -> None:
    """Print the kill matrix: a row for each mistake, a column for each check, a mark where the check refuses it."""
    width = max(map(len, found.matrix), default=0)
    numbers = range(1, len(found.checks) + 1)
    lines = [
        f"{found.kata}: mistakes x checks (x failed, r raised, t timed out, c crashed)",
        "",
        f"{'':{width}}  {''.join(str(number // 10 or ' ') for number in numbers)}",
        f"{'':{width}}  {''.join(str(number % 10) for number in numbers)}",
    ]
    for mistake, missed in found.matrix.items():
        marks = (_MARKS.get(missed.get(check.name, Outcome.PASSED), ".") for check in found.checks)
        lines.append(f"{mistake:{width}}  {''.join(marks)}")
    lines += [
        "",
        *(f"{number:>4}  {check.name} ({check.group})" for number, check in zip(numbers, found.checks, strict=True)),
        "",
    ]
    console.print(Text("\n".join(lines)), soft_wrap=True)


def problems(kata: str, found: Sequence[str], console: Console) -> None:
    """Print the problems of a kata, a line each."""
    for problem in found:
        console.print(Text(f"{kata}: {problem}", style="red"), soft_wrap=True)


def banks(proofs: Sequence[BankProof], console: Console) -> None:
    """Print a row for each kata: its bank, and how grades by bank compare. Then list properties without a bank."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("kata", no_wrap=True)
    for name in ("properties\nbanked", "shipped\n(kB)", "drawn", "verdicts\n= > <", "sizes\n= < >", "mutants\nb h"):
        table.add_column(name, justify="right", no_wrap=True)
    for found in proofs:
        table.add_row(
            Text(found.kata),
            f"{found.properties - len(found.unbanked)}/{found.properties}",
            f"{found.shipped} ({found.size / 1000:.1f})",
            str(found.drawn),
            " ".join(str(found.verdicts[each]) for each in ("same", "stricter", "laxer")),
            " ".join(str(found.sizes[each]) for each in ("same", "smaller", "larger")),
            f"{found.mutants[0]} {found.mutants[1]}" if found.of_mutants else "",
        )
    console.print(table)
    console.print(
        "verdicts: by bank the same as by hypothesis, stricter, laxer\n"
        "sizes: what refutes the mistakes is as small as what hypothesis shrinks to, smaller, larger\n"
        "mutants: that some property refutes, by bank and by hypothesis",
        style="dim",
    )
    for found in proofs:
        for name, why in found.unbanked.items():
            console.print(Text(f"left to hypothesis, {found.kata}: {name}: {why}"), soft_wrap=True)


def summary(proofs: Sequence[Proof], console: Console) -> None:
    """Print a row for each kata."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("kata", no_wrap=True)
    for name in ("checks", "mistakes", "lazy", "right", "mutants", "problems"):
        table.add_column(name, justify="right")
    for found in proofs:
        table.add_row(
            Text(found.kata),
            str(len(found.checks)),
            f"{found.mistakes_killed}/{len(found.matrix)}",
            f"{max(found.lazy.values(), default=0):.0%}",
            str(found.alternatives),
            _mutants(found),
            str(len(found.problems)),
        )
    console.print(table)


def mutants(proofs: Sequence[Proof], console: Console) -> None:
    """Print how many mutants had each fate, then the survivors."""
    fates = ("killed", "timed out", "crashed", "survived", "equivalent")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("kata")
    for fate in fates:
        table.add_column(fate, justify="right")
    for found in proofs:
        table.add_row(Text(found.kata), *(str(found.mutants.get(fate, 0)) for fate in fates))
    console.print(table)
    for found in proofs:
        for survivor in found.survivors:
            console.print(Text(f"survived, {found.kata}: {survivor}"), soft_wrap=True)


def _mutants(found: Proof) -> str:
    if not found.mutants:
        return "not run"
    dead = sum(found.mutants.get(fate, 0) for fate in ("killed", "timed out", "crashed"))
    possible = dead + found.mutants.get("survived", 0)
    return f"{dead}/{possible}" if possible else "none"
