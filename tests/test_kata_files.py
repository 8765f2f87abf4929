"""A malformed file of a kata is named, with the place in it and what to write instead."""

import shutil
from pathlib import Path

import pytest

from grader.audit import files
from grader.audit.proof import equivalents
from grader.content import explanation, front_matter, mistakes, source_files
from grader.content.catalog import read_kata
from grader.model import GraderError, Kata, Outcome

GOOD = Path(__file__).with_name("katas") / "audited"
FILES = {
    "statement": "exercises/machine/top.md",
    "explanation": "solutions/machine/top.md",
    "stub": "exercises/machine/top.py",
    "mistake": "fixtures/mistakes/machine/top/any_order.py",
    "equivalents": "fixtures/equivalents/machine/top.yaml",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return shutil.copytree(GOOD, tmp_path / "audited")


def kata_in(root: Path) -> Kata:
    return read_kata(root / FILES["stub"], root / "checks")


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("---\n", "", "has no front matter: its first line must be ---"),
        ("\n---\n", "\n", "must be `name: value` lines that end with a line ---"),
        ("title: The", "title: The: ", "line 2 is not YAML: mapping values are not allowed here. Put a text"),
        ("title: The", "title: \0", "is not YAML"),
        ("minutes: 5", "minutes: five", r"Expected `int`, got `str` - at `\$.minutes`. It has title, questions"),
        ("minutes: 5", "minuets: 5", "unknown field `minuets`. It has title, questions"),
        ("level: warm-up\n", "", "missing required field `level`. It has title, questions"),
    ],
)
def test_a_malformed_statement(before: str, after: str, says: str, root: Path) -> None:
    edit(root / FILES["statement"], before, after)
    with pytest.raises(GraderError, match=says) as refused:
        kata_in(root)
    assert str(refused.value).startswith("exercises/machine/top.md")


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("question: What", "question: What: ", "line 4 is not YAML"),
        ('hints: ["What comes first?", ', "hints: [", "has 2 hints; 3 are wanted"),
        ("0: absent, ", "", "the grades 0, 1, 2 and 3, in this order"),
        ("0: absent, 1: n log n", "1: n log n, 0: absent", "the grades 0, 1, 2 and 3, in this order"),
        ("0: absent", "0: ''", r"at `\$.oral\[0\].rubric\[...\]`. It has hints"),
        ("0: absent", "none: absent", "Expected `int`, got `str`.* It has hints"),
        ('["heap"]', "[]", r"at `\$.oral\[0\].must_mention`. It has hints"),
        ("must_mention", "must_mansion", "unknown field `must_mansion`.* It has hints"),
    ],
)
def test_a_malformed_explanation(before: str, after: str, says: str, root: Path) -> None:
    edit(root / FILES["explanation"], before, after)
    with pytest.raises(GraderError, match=says) as refused:
        explanation.read(kata_in(root))
    assert str(refused.value).startswith("solutions/machine/top.md")


def test_an_explanation_is_read_whole(root: Path) -> None:
    found = explanation.read(kata_in(root))
    assert found.hints == ("What comes first?", "Sort, then cut.", "sorted(values, reverse=True)")
    (card,) = found.oral
    assert card.rubric == {0: "absent", 1: "n log n", 2: "n log k by a heap", 3: "when k is small, and why"}
    assert card.must_mention == ("heap",)
    assert found.text.startswith("# Why it is so")


@pytest.mark.parametrize(
    "part", ["", "nobody", "test_best_first,, test_b", "test_best_first (explodes)", "test_best_first and test_b"]
)
def test_a_mistake_names_the_checks_that_refuse_it(part: str, root: Path) -> None:
    path = root / FILES["mistake"]
    edit(path, "test_best_first", part)
    with pytest.raises(GraderError, match=r"mistake any_order: '.*' after `Caught by:` is no check: write `test_x"):
        mistakes.read(path)
    assert mistakes.readable(kata_in(root)) == [mistakes.read(each) for each in kata_in(root).mistakes if each != path]


@pytest.mark.parametrize(
    ("part", "outcomes"),
    [
        ("test_a.", {"test_a": Outcome.FAILED}),
        (
            "test_a, test_b (raised),\ntest_c (Timed out), test_d (crashed)",
            {
                "test_a": Outcome.FAILED,
                "test_b": Outcome.RAISED,
                "test_c": Outcome.TIMED_OUT,
                "test_d": Outcome.CRASHED,
            },
        ),
    ],
)
def test_a_mistake_says_how_each_check_ends(part: str, outcomes: dict[str, Outcome], root: Path) -> None:
    path = root / FILES["mistake"]
    edit(path, "test_best_first", part)
    assert mistakes.read(path).caught_by == outcomes


def test_source_that_is_not_python_is_named_with_its_line(root: Path) -> None:
    kata = kata_in(root)
    assert files.broken(kata) == []
    kata.stub.write_text("x = 1\ndef (\n", encoding="utf-8")
    kata.reference.write_bytes(b"# \xff\n")
    kata.checks.write_bytes(b"x = '\0'\n")
    stub, reference, checks = files.broken(kata)
    assert stub == "exercises/machine/top.py, line 2 is not Python: invalid syntax"
    assert reference == "solutions/machine/top.py is not UTF-8 (byte 2): save it as UTF-8"
    assert checks.startswith("checks/machine/test_top.py")
    assert "null bytes" in checks


def test_files_that_are_missing_are_named(root: Path) -> None:
    kata = kata_in(root)
    kata.reference.unlink()
    kata.explanation.unlink()
    assert files.broken(kata) == ["solutions/machine/top.py is missing", "solutions/machine/top.md is missing"]


def test_a_question_that_is_none_of_the_ten_is_a_problem(root: Path) -> None:
    edit(root / FILES["statement"], "questions: []", "questions: [Q1, Q11]")
    assert [each for each in files.problems(kata_in(root)) if "questions are" in each] == [
        "it answers 'Q11'; the questions are Q1, Q2, Q3, Q4, Q5, Q6, Q7, Q8, Q9, Q10"
    ]


@pytest.mark.parametrize(
    ("text", "says"), [("[a", "top.yaml, line 1 is not YAML"), ("- a", "must have lines"), ("a: 1", "must have lines")]
)
def test_malformed_explanations_of_mutants(text: str, says: str, root: Path) -> None:
    path = root / FILES["equivalents"]
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GraderError, match=says) as refused:
        equivalents(kata_in(root))
    assert str(refused.value).startswith("fixtures/equivalents/machine/top.yaml")


def test_a_place_is_told_without_the_folder_of_all_katas(tmp_path: Path) -> None:
    assert source_files.place(tmp_path / "fixtures/my/exercises/a/b.md") == "exercises/a/b.md"
    assert source_files.place(Path("grader/checks/a/test_b.py")) == "checks/a/test_b.py"
    assert source_files.place(tmp_path / "b.md") == "b.md"


def test_the_text_after_the_front_matter_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("---\na: 1\n---\n\nText\n---\nmore\n", encoding="utf-8")
    assert front_matter.split(path) == ({"a": 1}, "Text\n---\nmore\n")
