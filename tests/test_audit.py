"""The audit says yes to a good kata, and no, in words, to each way in which one can be bad."""

import io
import shutil
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from grader.audit import command, mutate
from grader.audit.proof import Proof
from grader.audit.run import audit
from grader.content.catalog import read_kata
from grader.model import Outcome
from grader.sandbox.backends import registry

pytestmark = pytest.mark.usefixtures("warm_team")
GOOD = Path(__file__).with_name("katas") / "audited"


def proof_of(root: Path, *, mutants: bool = False) -> Proof:
    kata = read_kata(root / "exercises/machine/top.py", root / "checks")
    (proof,) = audit([kata], registry.resolve("auto"), mutants=mutants)
    return proof


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return shutil.copytree(GOOD, tmp_path / "audited")


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def test_a_good_kata_is_proved(root: Path) -> None:
    proof = proof_of(root, mutants=True)
    assert proof.problems == ()
    assert proof.matrix["any_order"] == {"test_best_first": Outcome.FAILED, "test_one_by_one": Outcome.FAILED}
    assert proof.mistakes_killed == 4
    assert proof.alternatives == 2
    assert proof.mutants["killed"] >= 4


BAD = {
    "a check that cannot fail": (
        "checks/machine/test_top.py",
        "    assert sorted(top([5, 5, 1], 9)) == [1, 5, 5]",
        "    assert top([5, 5, 1], 9) == top([5, 5, 1], 9)",
        "mistake repeats_dropped should be failed by test_no_more_than_there_are, which says passed",
    ),
    "a check that kills nothing": (
        "checks/machine/test_top.py",
        "    assert sorted(top([5, 5, 1], 9)) == [1, 5, 5]",
        "    assert top([5, 5, 1], 9) is not None, 'an answer'",
        "test_no_more_than_there_are kills no mistake: a check that can't fail is a bug",
    ),
    "a mistake killed by the wrong check": (
        "fixtures/mistakes/machine/top/any_order.py",
        "Caught by: test_best_first",
        "Caught by: test_the_two_largest",
        "mistake any_order should be failed by test_the_two_largest, which says passed",
    ),
    "a rule without a check": (
        "exercises/machine/top.md",
        "- [T3] A negative",
        "- [T4] Values are integers.\n- [T3] A negative",
        "rule [T4] of the statement is held by no check",
    ),
    "a check without a rule": (
        "checks/machine/test_top.py",
        'edges(spec="T3")',
        'edges(spec="T9")',
        "test_a_negative_k_is_refused holds T9, which the statement doesn't have",
    ),
    "a reference that needs luck": (
        "solutions/machine/top.py",
        "    return sorted(values, reverse=True)[:k]",
        "    import random\n    return sorted(values, reverse=True)[:k] if random.random() < 0.98 else []",
        "the reference",
    ),
    "a lazy answer that earns": (
        "checks/machine/test_top.py",
        "    assert top([4, 9, 7, 1], 3) == [9, 7, 4]",
        "    assert top([], 9) == []",
        "answering [] earns",
    ),
    "an alternative refused": (
        "fixtures/alternatives/machine/top/by_a_heap.py",
        "return heapq.nlargest(k, values)",
        "return tuple(heapq.nlargest(k, values))",
        "alternative by_a_heap is refused by test_best_first: failed",
    ),
    "a stub that differs": (
        "exercises/machine/top.py",
        "def top(values, k):",
        "def top(values, k=10):",
        "top differs: the stub has (values, k; 10), the reference (values, k; )",
    ),
    "a stub that passes": (
        "exercises/machine/top.py",
        "    raise NotImplementedError",
        '    raise ValueError("not yet")',
        "the stub passes test_a_negative_k_is_refused: it asks for nothing",
    ),
    "a mistake that says nothing": (
        "fixtures/mistakes/machine/top/any_order.py",
        "Caught by: test_best_first",
        "",
        "mistake any_order: its docstring wants three parts",
    ),
    "a mistake that no check refuses": (
        "fixtures/mistakes/machine/top/any_order.py",
        "Caught by: test_best_first",
        "Caught by: nobody",
        "mistake any_order: 'nobody' after `Caught by:` is no check",
    ),
    "a mistake that is no Python": (
        "fixtures/mistakes/machine/top/any_order.py",
        "def top(",
        "def top((",
        "fixtures/mistakes/machine/top/any_order.py, line",
    ),
    "a mistake that fails everything": (
        "fixtures/mistakes/machine/top/any_order.py",
        "return sorted(sorted(values, reverse=True)[:k])",
        "return [0]",
        "mistake any_order fails 4 of 5 checks",
    ),
    "a missing section": ("exercises/machine/top.md", "## Edges", "## Corners", "no section '## Edges'"),
    "too few hints": ("solutions/machine/top.md", '"What comes first?", ', "", "has 2 hints; 3 are wanted"),
    "an oral card without its grades": (
        "solutions/machine/top.md",
        "0: absent, ",
        "",
        "the rubric of 'What does it cost?' must have the grades 0, 1, 2 and 3",
    ),
    "an oral card whose rubric is a list": (
        "solutions/machine/top.md",
        "rubric: {0: absent",
        "rubric: [x]\n    spare: {0: absent",
        "solutions/machine/top.md: front matter: Expected `object`, got `array`",
    ),
    "checks that cannot be collected": (
        "checks/machine/test_top.py",
        "from top import top",
        "import nonsense_",
        "can't be collected",
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_kata_is_refused(bad: str, root: Path) -> None:
    path, before, after, sentence = BAD[bad]
    edit(root / path, before, after)
    problems = proof_of(root).problems
    assert any(sentence in problem for problem in problems), "\n".join(problems)
    print(f"{bad}: {next(problem for problem in problems if sentence in problem)}")


def test_a_surviving_mutant_is_told_until_it_is_explained(root: Path) -> None:
    edit(root / "solutions/machine/top.py", "[:k]", "[: min(k, 10**6)]")
    problems = proof_of(root, mutants=True).problems
    assert any("a mutant survives: 'top: " in problem for problem in problems), problems
    names = [problem.split("survives: '")[1].split("': kill")[0] for problem in problems]
    explained = root / "fixtures/equivalents/machine/top.yaml"
    explained.parent.mkdir(parents=True)
    explained.write_text("".join(f'"{name}": no list is that long\n' for name in names))
    assert proof_of(root, mutants=True).problems == ()
    explained.write_text(explained.read_text() + '"top: gone": it was killed\n')
    assert "explains what does not survive: 'top: gone'" in proof_of(root, mutants=True).problems[0]


def test_an_unreadable_explanation_of_mutants_is_a_problem(root: Path) -> None:
    path = root / "fixtures/equivalents/machine/top.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("[a")
    (problem,) = proof_of(root, mutants=True).problems
    assert problem.startswith("fixtures/equivalents/machine/top.yaml, line 1 is not YAML")


def test_a_kata_with_a_broken_file_is_not_judged_and_the_others_are(root: Path, tmp_path: Path) -> None:
    good = read_kata(root / "exercises/machine/top.py", root / "checks")
    broken = shutil.copytree(GOOD, tmp_path / "broken")
    bad = read_kata(broken / "exercises/machine/top.py", broken / "checks")
    bad = msgspec.structs.replace(bad, track="broken")
    of_bad, of_good = audit([good, bad], registry.resolve("auto"), mutants=False)
    assert (of_bad.kata, of_bad.checks, of_bad.matrix) == ("broken/top", (), {})
    assert of_bad.problems[0] == "exercises/broken/top.py is missing"
    assert of_good.problems == ()
    out, err = Console(record=True, file=io.StringIO(), width=200), Console(file=io.StringIO())
    assert not command.checks([bad], registry.resolve("auto"), out, err, mutants=True)
    assert not command.banks([bad], registry.resolve("auto"), out, err, mutants=False)
    assert out.export_text().count("broken/top: exercises/broken/top.py is missing") == 2


def test_mutants_are_different_programs() -> None:
    source = (
        'def f(a, b=1):\n    """Words."""\n    if not a < b:\n        raise ValueError("x")\n    return pow(a, b) + 1\n'
    )
    found = mutate.mutants(source)
    assert len({mutant.code for mutant in found}) == len(found)
    assert {mutant.change for mutant in found} >= {
        "Lt -> LtE", "Lt -> GtE", "Not removed", "statement deleted", "Add -> Sub", "1 -> 2", "1 -> 0",
        "first two arguments swapped",
    }  # fmt: skip
    assert not any("Words" not in mutant.code for mutant in found)
