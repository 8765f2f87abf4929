"""Small wrong changes to the grader: which there are, which tests have to notice them, and what is told of them."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
if not (ROOT / "benchmarks").is_dir():
    pytest.skip("there is no clone", allow_module_level=True)
sys.path.append(str(ROOT))  # at the end: a grader that is installed comes first

from benchmarks.mutation import changes, chosen, page  # noqa: E402
from benchmarks.mutation.run import Fate, Tried, name_of  # noqa: E402

SOURCE = '''
MOST = 3

def kept(self, names: list[str] | None) -> int:
    """Words."""
    if names:
        self.names = names
        self.tell("they are kept")
    elif self.old:
        return 0
    return len(names) if len(names) < MOST else MOST
'''


def test_what_is_changed() -> None:
    mutants, of = changes.sampled(SOURCE, "x", 99, 0)
    assert {f"{mutant.where.partition(': ')[2]} | {mutant.change}" for mutant in mutants} == {
        "MOST = 3 | 3 -> 4",
        "MOST = 3 | 3 -> 2",
        "if names: | condition negated",
        "return len(names) if len(names) < MOST else MOST | Lt -> LtE",
        "return len(names) if len(names) < MOST else MOST | Lt -> GtE",
        "self.names = names | statement deleted",
        'self.tell("they are kept") | statement deleted',
        "elif self.old: | condition negated",
        'self.tell("they are kept") | other words',
        "return 0 | 0 -> 1",
        "return 0 | 0 -> -1",
    }
    assert of == len(mutants)
    right = ast.dump(ast.parse(SOURCE))
    assert ast.dump(ast.parse(changes.unchanged(SOURCE))) == right
    assert right not in [ast.dump(ast.parse(mutant.code)) for mutant in mutants]


def test_a_sample_is_the_same_for_its_seed_and_module() -> None:
    names = lambda module, seed: [each.name for each in changes.sampled(SOURCE, module, 4, seed)[0]]  # noqa: E731
    assert len(names("x", 0)) == 4
    assert names("x", 0) == names("x", 0)
    assert len({tuple(names(module, seed)) for module in "xyz" for seed in range(3)}) > 3


def test_every_module_has_tests_that_are_there() -> None:
    found = chosen.modules()
    assert "grader/protocol/wire.py" in found
    assert {test for tests in found.values() for test in tests if not (ROOT / test).exists()} == set()
    assert {name for name in chosen.BY_MODULE if f"grader/{name}.py" not in found} == set()


FATES = {"a | 1 -> 2": Fate.KILLED, "b | 1 -> 2": Fate.SURVIVED, "c | 1 -> 2": Fate.SURVIVED, "d": Fate.TIMED_OUT}


def test_a_page_counts_what_is_explained_apart() -> None:
    results = page.merged({}, [Tried("grader/scoring.py", 9, FATES, 1.23)], 5, 4)
    text = page.text(results, {"grader/scoring.py": {"b | 1 -> 2": "nobody\ncan see it"}})
    assert "| `scoring.py` | 4 of 9 | 1 | 1 | 1 | 1 | 67% |" in text
    assert "| **all** | 4 of 9 | 1 | 1 | 1 | 1 | 67% |" in text
    assert "- `b | 1 -> 2`: nobody can see it" in text
    assert text.rstrip().endswith("- `c | 1 -> 2`")
    assert "(seed 5, at most 4 mutants)" in text


def test_what_was_killed_needs_no_explanation() -> None:
    facts = page.facts_of(Tried("grader/scoring.py", 9, FATES, 1.23))
    with pytest.raises(ValueError, match="what does not survive needs no explanation: a"):
        page.counted(facts, {"a | 1 -> 2": "nobody can see it"})


def test_modules_that_were_not_tried_again_keep_their_results() -> None:
    scoring, text, gone = "grader/scoring.py", "grader/text.py", "grader/gone.py"
    before = page.merged({}, [Tried(name, 9, FATES, 1.0) for name in (scoring, text, gone)], 0, 20)
    after = page.merged(before, [Tried(text, 1, {}, 1.0)], 0, 20)
    assert list(after["modules"]) == [scoring, text]
    assert (after["modules"][scoring], after["modules"][text]["of"]) == (before["modules"][scoring], 1)


def test_results_of_another_sample_are_not_put_beside() -> None:
    before = page.merged({}, [Tried("grader/scoring.py", 9, FATES, 1.0)], 0, 20)
    for seed, most in ((1, 20), (0, 30)):
        assert list(page.merged(before, [Tried("grader/text.py", 9, FATES, 1.0)], seed, most)["modules"]) == [
            "grader/text.py"
        ]


def test_the_page_is_that_of_the_results() -> None:
    results, explained = page.read()
    assert page.PAGE.read_text(encoding="utf-8") == page.text(results, explained)
    lines = {module: (ROOT / module).read_text(encoding="utf-8") for module in explained}
    for module, reasons in explained.items():
        sample, _ = changes.sampled(lines[module], module, results["most"], results["seed"])
        assert set(reasons) <= {name_of(mutant) for mutant in sample}, f"{module}: explains what is no mutant any more"
    assert re.search(r"\| \*\*all\*\* \|", page.PAGE.read_text(encoding="utf-8"))
