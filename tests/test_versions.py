"""What a grade rests on is known by its hash."""

from pathlib import Path

import pytest

from grader.banks import shipped
from grader.content import catalog
from grader.content.catalog import read_kata
from grader.grading.versions import hash_of


@pytest.fixture
def kata(tmp_path: Path):
    for name, text in (("exercises", ""), ("solutions", "x = 1\n"), ("checks", "def test_a(): pass\n")):
        (tmp_path / name / "t").mkdir(parents=True)
        (tmp_path / name / "t" / f"{'test_' * (name == 'checks')}k.py").write_text(text)
    statement = tmp_path / "exercises/t/k.md"
    statement.write_text("---\ntitle: T\nquestions: [Q1]\nlevel: core\nminutes: 10\n---\nText.\n")
    return read_kata(tmp_path / "exercises/t/k.py", tmp_path / "checks")


def test_a_hash_changes_with_whatever_a_grade_depends_on(kata) -> None:
    seen = set()
    shipped.path(kata).parent.mkdir(parents=True)
    for file in (kata.stub, kata.checks, kata.reference, shipped.path(kata)):
        file.write_text("# changed\n")
        hash_of.cache_clear()
        seen.add(hash_of(kata))
    assert len(seen) == 4


def test_a_hash_changes_with_what_checks_share(kata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "PACKAGE", tmp_path / "grader")
    shared = tmp_path / "grader/checks/answers.py"
    shared.parent.mkdir(parents=True)
    kata.checks.write_text("from grader.checks.answers import about\n")
    seen = set()
    for text in ("about = 1\n", "about = 2\n"):
        shared.write_text(text)
        hash_of.cache_clear()
        seen.add(hash_of(kata))
    assert len(seen) == 2


def test_a_hash_does_not_depend_on_the_statement(kata) -> None:
    before = hash_of(kata)
    kata.statement.write_text("other words")
    hash_of.cache_clear()
    assert hash_of(kata) == before
