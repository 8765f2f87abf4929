"""Tables of the docs are written again as they stand, row by row."""

import re
import sys
from pathlib import Path

import msgspec
import pytest

from grader.content import catalog

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))  # at the end: a grader that is installed comes first

from benchmarks import table_of_banks, table_of_checks, table_of_questions, tables  # noqa: E402  # noqa: E402

if not (ROOT / "benchmarks").is_dir():
    pytest.skip("there is no clone", allow_module_level=True)
sys.path.append(str(ROOT))  # at the end: a grader that is installed comes first


README = (ROOT / "README.md").read_text(encoding="utf-8")


def rows_of(text: str) -> dict[str, str]:
    return dict(re.findall(r"^\| `(\w+/\w+)` \|(.*) \|$", text, re.MULTILINE))


def test_docs_checks_is_what_its_rows_make() -> None:
    text = (ROOT / "docs/checks.md").read_text(encoding="utf-8")
    assert table_of_checks.page(rows_of(text)) == text


def test_docs_banks_is_what_its_rows_make() -> None:
    text = (ROOT / "docs/banks.md").read_text(encoding="utf-8")
    assert table_of_banks.page(rows_of(text), tables._left_before(())) == text


def test_the_table_of_questions_stays_as_it_is() -> None:
    before = table_of_questions.TABLE.search(README)[0]
    assert table_of_questions.table(before, catalog.katas()) == before


def test_mypy_looks_into_every_track() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert tables.mypy_path(catalog.katas()) in pyproject.splitlines()


def test_tables_of_a_kata_with_a_broken_file_are_not_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    missing = msgspec.structs.replace(catalog.find("user_cf"), root=str(tmp_path))
    monkeypatch.setattr(catalog, "select", lambda _: (missing,))
    with pytest.raises(SystemExit, match=r"user_cf: exercises/recommendation/user_cf.py is missing"):
        tables.main(["user_cf"])


def test_a_new_kata_stands_in_the_last_row_of_its_question_and_an_old_one_goes() -> None:
    kata = catalog.find("user_cf")
    before = "| Q1 | a | `gone`, `user_cf` |\n| Q1 | b | `gone` |\n| Q2 | c |  |\n"
    assert kata.questions[0] == "Q1"
    others = [each for each in catalog.katas() if each.name in {"user_cf", "bm25_index"}]
    assert table_of_questions.table(before, others).startswith("| Q1 | a | `user_cf` |\n| Q1 | b | `bm25_index` |\n")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [(["2/3 | 1.5", "4/5 | 2.25"], "6/8 | 3.8"), (["1 (0.5) | 7", "2 (0.25) | 8"], "3 (0.8) | 15")],
)
def test_a_total_sums_number_by_number(rows: list[str], expected: str) -> None:
    assert tables.total(rows) == expected


def test_a_column_may_have_no_total() -> None:
    assert tables.total(["1 | 15% | 2", "1 | 3% | 5"], without=[1]) == "2 |  | 7"
