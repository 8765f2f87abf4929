"""Writes what the docs say of katas: `python -m benchmarks.tables [KATA]...`; without a name, every kata (an hour).

docs/checks.md and docs/banks.md have a row for each kata, from an audit with mutants; the rows of katas that aren't
named stay as they are. The README's table of questions, the drawing in docs/architecture.md and the tracks in
pyproject.toml cost nothing and are always written. Exits with 1 if an audit finds a problem.
"""

import re
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from benchmarks import rooms, table_of_banks, table_of_checks, table_of_questions
from grader.audit import files
from grader.audit.banks import examine
from grader.audit.run import audit
from grader.content import catalog
from grader.model import Kata
from grader.sandbox.backends import registry

ROOT = Path(__file__).resolve().parents[1]
_MYPY_PATH = re.compile(r"^mypy_path = \[.*\]$", re.MULTILINE)
_MERMAID = re.compile(r"```mermaid\n.*?```", re.DOTALL)


def main(names: Sequence[str]) -> int:
    """Write all tables. Returns the exit code: 1 if an audit found a problem. Raises SystemExit if a file is broken."""
    katas = catalog.select(list(names))
    if broken := [f"{kata.id}: {problem}" for kata in katas for problem in files.broken(kata)]:
        raise SystemExit("\n".join(broken))
    replace(ROOT / "README.md", table_of_questions.TABLE, lambda old: table_of_questions.table(old, catalog.katas()))
    replace(ROOT / "docs/architecture.md", _MERMAID, lambda _: rooms.drawing())
    replace(ROOT / "pyproject.toml", _MYPY_PATH, lambda _: mypy_path(catalog.katas()))
    return int(any([_checks(katas), _banks(katas)]))


def mypy_path(katas: Sequence[Kata]) -> str:
    """The line of pyproject.toml that tells mypy where the references are: a folder for each track."""
    folders = ", ".join(f'"solutions/{track}"' for track in dict.fromkeys(kata.track for kata in katas))
    return f"mypy_path = [{folders}]"


def replace(file: Path, part: re.Pattern[str], text: Callable[[str], str]) -> None:
    """Put a generated part in the place of the one before it."""
    whole = file.read_text(encoding="utf-8")
    if not part.search(whole):
        raise SystemExit(f"{file.name} has no place for a generated part")
    file.write_text(part.sub(lambda found: text(found[0]), whole, count=1), encoding="utf-8")


def _checks(katas: Sequence[Kata]) -> list[str]:
    proofs = list(audit(katas, registry.resolve("auto"), mutants=True, on_progress=_progress("checks")))
    rows = {proof.kata: table_of_checks.row(proof) for proof in proofs}
    _write("checks.md", rows, table_of_checks.page)
    return _told([f"{proof.kata}: {problem}" for proof in proofs for problem in proof.problems])


def _banks(katas: Sequence[Kata]) -> list[str]:
    proofs = list(examine(katas, registry.resolve("auto"), mutants=True, on_progress=_progress("banks")))
    rows = {proof.kata: table_of_banks.row(proof) for proof in proofs}
    left = _left_before(rows.keys())
    left += [f"- `{proof.kata}`: `{name}`: {why}" for proof in proofs for name, why in proof.unbanked.items()]
    _write("banks.md", rows, lambda every: table_of_banks.page(every, left))
    return _told([f"{proof.kata}: {problem}" for proof in proofs for problem in proof.problems])


def _write(name: str, rows: dict[str, str], page: Callable[[dict[str, str]], str]) -> None:
    """Write a page of the docs: the rows given, and those of the other katas as they were."""
    file = ROOT / "docs" / name
    before = dict(re.findall(r"^\| `(\w+/\w+)` \|(.*) \|$", file.read_text(encoding="utf-8"), re.MULTILINE))
    every = before | rows
    file.write_text(page({kata.id: every[kata.id] for kata in catalog.katas() if kata.id in every}), encoding="utf-8")


def _left_before(but: Collection[str]) -> list[str]:
    """Which properties are left to hypothesis, of other katas than these."""
    lines = re.findall(r"^(- `(\w+/\w+)`: `.*)$", (ROOT / "docs/banks.md").read_text(encoding="utf-8"), re.MULTILINE)
    return [line for line, kata in lines if kata not in but]


def cells(row: str) -> list[str]:
    """The cells of a row, without the kata's."""
    return [cell.strip() for cell in row.split("|")]


def total(rows: Sequence[str], *, without: Sequence[int] = ()) -> str:
    """A row in which every number is the sum of those in its place; the columns `without` stay empty."""
    columns = list(zip(*map(cells, rows), strict=True))
    found = ["" if place in without else _summed(column) for place, column in enumerate(columns)]
    return " | ".join(found)


def _summed(column: Sequence[str]) -> str:
    numbers = [[float(number) for number in re.findall(r"\d+(?:\.\d+)?", cell)] for cell in column]
    sums = iter([sum(place) for place in zip(*numbers, strict=True)])
    return re.sub(r"\d+(?:\.\d+)?", lambda found: f"{next(sums):.{len(found[0].partition('.')[2])}f}", column[0])


def _progress(what: str) -> Callable[[int, int, str], None]:
    return lambda done, of, name: print(f"\r{what}: {done}/{of} {name:60.60}", end="", file=sys.stderr)


def _told(problems: list[str]) -> list[str]:
    for problem in problems:
        print(f"\n{problem}", file=sys.stderr)
    return problems


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
