"""One submission end to end, in the sandbox that this machine has: every outcome, and what the learner reads."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.content.catalog import read_kata
from grader.grading.judge_process import Judge
from grader.judge.messages import Request
from grader.model import Done, Examples, ForAudit, Job, KataReport, Limits, Outcome, Planned, Status, Verdict
from grader.reports.verdicts import account
from grader.sandbox.backends import registry

KATAS = Path(__file__).with_name("katas")
ECHO = read_kata(KATAS / "exercises/machine/echo.py", KATAS / "checks")
REFERENCE = ECHO.reference.read_text()
BRIEF = Limits(call_seconds=0.5, submission_seconds=5.0, patience=2.0)


@pytest.fixture(scope="module", params=["auto", "bare"])
def confinement(request: pytest.FixtureRequest) -> str:
    return registry.resolve(request.param)


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    judge = Judge()
    yield judge
    judge.close()


class Graded:
    def __init__(self, report: KataReport) -> None:
        self.report = report
        self.verdicts = {verdict.check: verdict for verdict in report.verdicts}

    def __getitem__(self, check: str) -> Verdict:
        return self.verdicts[f"test_{check}"]

    @property
    def outcomes(self) -> set[Outcome]:
        return {verdict.outcome for verdict in self.report.verdicts}


@pytest.fixture
def graded(judge: Judge, confinement: str):
    def graded(code: str | bytes, **job: object) -> Graded:
        source = code.encode() if isinstance(code, str) else code
        asked = Job(ECHO.id, source, confinement, **{"limits": BRIEF, "shrink": True, **job})
        *_, done = judge.events(Request(ECHO, asked))
        assert isinstance(done, Done)
        return Graded(done.report)

    return graded


def changed(before: str, after: str) -> str:
    """The reference with one thing changed."""
    assert before in REFERENCE
    return REFERENCE.replace(before, after)


def test_the_reference_passes(graded) -> None:
    found = graded(REFERENCE)
    assert found.report.fault == ""
    assert found.report.status is Status.PASSED
    assert found.outcomes == {Outcome.PASSED}


def test_the_stub_raises_in_every_check_that_asks_for_an_answer(graded) -> None:
    found = graded(ECHO.stub.read_bytes())
    assert found.report.status is Status.FAILED
    assert found["examples"].outcome is Outcome.RAISED
    assert "isn't written yet" in account(found["examples"])
    assert found["a_missing_argument_is_refused"].outcome is Outcome.PASSED


def test_the_plan_comes_first_and_does_not_depend_on_the_code(judge, confinement) -> None:
    plans = []
    for code in (REFERENCE, "raise SystemExit", "import os; os._exit(0)", "not python"):
        first, *_ = judge.events(Request(ECHO, Job(ECHO.id, code.encode(), confinement, limits=BRIEF)))
        assert isinstance(first, Planned)
        plans.append(first.checks)
    assert len(set(plans)) == 1
    assert sum(check.points for check in plans[0]) == 1 + 4 + 5 * 5 + 3 + 5 + 2


def test_a_wrong_answer_shows_the_call_what_came_back_and_what_was_expected(graded) -> None:
    verdict = graded(changed("return value\n", "return value[::-1] if type(value) is list else value\n"))["any_list"]
    assert verdict.outcome is Outcome.FAILED
    assert account(verdict) == "echo([0, 1])\nreturned: [1, 0]\nexpected: [0, 1]"


def test_an_exception_shows_its_text_and_line(graded) -> None:
    verdict = graded(changed("return function(value)", "raise LookupError('no [bold]luck\\x1b[31m')"))[
        "a_function_is_called"
    ]
    assert verdict.outcome is Outcome.RAISED
    assert "LookupError: no [bold]luck\\x1b[31m (line 9 of your file)" in account(verdict)


@pytest.mark.parametrize(
    "kind", ["AssertionError", "TimeoutError", "KeyboardInterrupt", "SystemExit", "GeneratorExit", "StopIteration"]
)
def test_the_learners_exceptions_are_never_taken_for_ours(graded, kind: str) -> None:
    verdict = graded(changed("return function(value)", f"raise {kind}('mine')"))["a_function_is_called"]
    assert verdict.outcome is Outcome.RAISED
    assert kind in account(verdict)


def test_an_endless_loop_times_out_and_the_next_check_has_a_fresh_process(graded) -> None:
    found = graded(changed("return function(value)", "while True: pass"))
    assert found["a_function_is_called"].outcome is Outcome.TIMED_OUT
    assert found["a_generator_yields"].outcome is Outcome.PASSED


def test_sleeping_in_every_call_adds_up(graded) -> None:
    found = graded(
        "import time\n" + REFERENCE.replace("return value\n", "time.sleep(0.9); return value\n"),
        limits=Limits(0.5, 1.0, 2.0),
    )
    assert found["any_list"].outcome is Outcome.TIMED_OUT
    assert "the 1 s for one submission are used up" in account(found["any_list"])


def test_an_exit_is_a_crash(graded) -> None:
    found = graded(changed("return function(value)", "__import__('os')._exit(3)"))
    assert found["a_function_is_called"].outcome is Outcome.CRASHED
    assert "exit code 3" in account(found["a_function_is_called"])
    assert found["an_instance_answers"].outcome is Outcome.PASSED


def test_a_file_that_cannot_be_loaded_says_why_once(graded) -> None:
    found = graded("def echo(:\n")
    first, *others = found.report.verdicts
    assert first.outcome is Outcome.RAISED
    assert "SyntaxError" in account(first)
    assert "line 1" in account(first)
    assert {(each.outcome, account(each)) for each in others} == {
        (Outcome.NOT_RUN, "not run: the file can't be loaded")
    }


def test_an_import_that_is_not_allowed_is_refused_kindly(graded) -> None:
    found = graded("import numpy\nimport sklearn.metrics\n" + REFERENCE)
    assert found.outcomes == {Outcome.RAISED, Outcome.NOT_RUN}
    refusal = (
        "line 2 imports sklearn: this kata asks you to write that yourself; you may use numpy and the standard library"
    )
    assert refusal in account(found.report.verdicts[0])


def test_a_submission_cannot_import_the_reference_but_a_mistake_can(graded) -> None:
    code = "from reference import apply, count, Shelf\ndef echo(value): return None\n"
    assert "'reference'" in account(graded(code).report.verdicts[0])
    found = graded(code, audit=ForAudit(REFERENCE.encode()))
    assert found["a_generator_yields"].outcome is Outcome.PASSED
    assert found["examples"].outcome is Outcome.FAILED


def test_changing_an_argument_shows(graded) -> None:
    found = graded(changed("return value\n", "value.sort() if type(value) is list else 0; return value\n"))
    assert found["an_argument_is_left_alone"].outcome is Outcome.FAILED


@pytest.mark.parametrize(("examples", "shrink"), [(Examples.HYPOTHESIS, False), (Examples.BANK, True)])
def test_different_answers_to_the_same_call_fail(graded, examples: Examples, shrink: bool) -> None:
    once = "value if type(value) is not list or len(value) > 6 or next(tick) != 9 else 0"
    code = "import itertools\ntick = itertools.count(1)\n" + changed("return value\n", f"return {once}\n")
    verdict = graded(code, examples=examples, shrink=shrink)["any_list"]
    assert verdict.outcome is Outcome.FAILED
    assert account(verdict).endswith("the same call gave different answers")


def test_nonsense_is_a_failed_check_not_our_fault(graded) -> None:
    found = graded(changed("return self._items[:k]", "return lambda: 1"))
    assert found.report.fault == ""
    assert found["an_instance_answers"].outcome is Outcome.FAILED


@pytest.mark.parametrize("examples", [Examples.HYPOTHESIS, Examples.ANEW])
def test_the_same_seed_gives_the_same_report_and_another_draws_otherwise(graded, examples: Examples) -> None:
    wrong = changed("return value\n", "return value if type(value) is not list or sum(value) < 90 else None\n")
    seeds = (1, 2, 1)
    first, other, again = (
        account(graded(wrong, seed=seed, examples=examples, shrink=False)["any_list"]) for seed in seeds
    )
    assert first == again != other


OF_A_FIXTURE = """
import pytest
from hypothesis import given, strategies as st
from echo import echo

@pytest.fixture(scope="module")
def most():
    return 90

@pytest.mark.properties
@given(values=st.lists(st.integers(0, 100), max_size=6))
def test_any_list(most, values):
    assert sum(values) < most or echo(values) == values
"""


def test_the_seed_is_that_of_properties_without_a_bank_too(judge, confinement, tmp_path: Path) -> None:
    (tmp_path / "machine").mkdir()
    (tmp_path / "machine/test_echo.py").write_text(OF_A_FIXTURE)
    kata, wrong = read_kata(ECHO.stub, tmp_path), b"def echo(value):\n    return None\n"
    jobs = [Job(kata.id, wrong, confinement, seed=seed, examples=Examples.HYPOTHESIS) for seed in (1, 2, 1)]
    reports = [list(judge.events(Request(kata, job)))[-1].report for job in jobs]
    reasons = [account(Graded(report)["any_list"]) for report in reports]
    assert reasons[0] == reasons[2] != reasons[1]


def test_checks_that_cannot_be_collected_are_our_fault(judge, confinement, tmp_path: Path) -> None:
    (tmp_path / "machine").mkdir()
    (tmp_path / "machine/test_echo.py").write_text("import nothing_of_that_name\n")
    broken = read_kata(ECHO.stub, tmp_path)
    *_, done = judge.events(Request(broken, Job(broken.id, REFERENCE.encode(), confinement)))
    assert isinstance(done, Done)
    assert done.report.status is Status.ERROR
    assert "nothing_of_that_name" in done.report.fault


def test_a_check_without_a_group_is_refused(judge, confinement, tmp_path: Path) -> None:
    (tmp_path / "machine").mkdir()
    (tmp_path / "machine/test_echo.py").write_text("def test_x():\n    assert True\n")
    *_, done = judge.events(Request(read_kata(ECHO.stub, tmp_path), Job(ECHO.id, REFERENCE.encode(), confinement)))
    assert isinstance(done, Done)
    assert "test_x has no group" in done.report.fault


def test_answers_that_can_t_be_handed_on_are_the_learner_s_fault(graded) -> None:
    odd = """
import numpy as np

def echo(value):
    return [np.str_(each) for each in value] if len(value) > 999 else value
"""
    found = graded(odd + REFERENCE.partition("return value")[2], limits=Limits())
    assert found.report.fault == ""
    assert found["answers_are_handed_back"].outcome is Outcome.FAILED
    assert "of the wrong kind" in account(found["answers_are_handed_back"])
