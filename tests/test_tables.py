"""The tables in docs tell of the katas as they are: whoever changes a kata writes them again."""

import functools
import re
from pathlib import Path

import pytest

from grader.audit import mutate
from grader.audit.proof import equivalents
from grader.banks import shipped
from grader.content import catalog
from grader.model import Kata

DOCS = Path(__file__).resolve().parents[1] / "docs"
MUTANTS = functools.cache(lambda kata: len(mutate.mutants(kata.reference.read_text(encoding="utf-8"))))
KATAS = pytest.mark.parametrize("kata", catalog.katas(), ids=lambda kata: kata.id)


def row(file: str, kata: Kata) -> list[str]:
    """The cells behind the kata's name."""
    for line in (DOCS / file).read_text(encoding="utf-8").splitlines():
        if line.startswith(f"| `{kata.id}` |"):
            return [cell.strip() for cell in line.split("|")[2:-1]]
    raise AssertionError(f"{file} has no row for {kata.id}")


@KATAS
def test_the_table_of_checks_is_of_these_katas(kata: Kata) -> None:
    checks, mistakes, lazy, right, killed, ended, survived, same = row("checks.md", kata)
    assert int(checks) == len(re.findall(r"^def test_", kata.checks.read_text(encoding="utf-8"), re.MULTILINE))
    assert mistakes == f"{len(kata.mistakes)}/{len(kata.mistakes)}"
    assert int(lazy.rstrip("%")) < 20
    assert int(right) == len(kata.alternatives)
    assert int(survived) == 0
    assert int(same) == len(equivalents(kata))
    assert int(killed) + int(ended) + int(same) == MUTANTS(kata)


@KATAS
def test_the_table_of_banks_is_of_these_banks(kata: Kata) -> None:
    banked, held, drawn, same, _, laxer, mutants, *sizes = row("banks.md", kata)
    bank = shipped.read(kata)
    assert bank is not None
    assert held.split()[0] == str(sum(map(len, bank.examples.values())))
    assert int(drawn) == sum(bank.drawn.values())
    assert banked.split("/")[0] == str(len(bank.drawn))
    assert int(same) > len(kata.mistakes)
    assert int(laxer) == 0
    by_bank, by_hypothesis, of = map(int, re.findall(r"\d+", mutants))
    assert by_hypothesis <= by_bank <= of == MUTANTS(kata)
    assert int(sizes[-1]) == 0, "what refutes a mistake is no larger than what hypothesis finds"
