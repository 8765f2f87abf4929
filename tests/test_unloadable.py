"""A file that can't be loaded fails once: the first check says why, and no other is run."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader import scoring
from grader.content.catalog import read_kata
from grader.grading.judge_process import Judge
from grader.judge.budget import Budget
from grader.judge.loading import Code, LoadedFile
from grader.judge.messages import Request
from grader.model import (
    Done,
    Examples,
    Extent,
    ForAudit,
    Group,
    Job,
    KataReport,
    Limits,
    Outcome,
    Reason,
    Status,
)
from grader.protocol.errors import LearnerRaised, WorkerLost
from grader.sandbox.backends import registry

KATAS = Path(__file__).with_name("katas")
ECHO = read_kata(KATAS / "exercises/machine/echo.py", KATAS / "checks")
REFERENCE = ECHO.reference.read_text()
LIMITS = Limits(call_seconds=1.0, submission_seconds=20.0)
NOT_RUN = (Outcome.NOT_RUN, Reason("not_run_unloadable"))
UNLOADABLE = {
    "a syntax error": ("def echo(:\n", Outcome.RAISED, "raised"),
    "an import that is refused": ("import sklearn\n", Outcome.RAISED, "imports_the_task"),
    "an exception": ("1 / 0\n", Outcome.RAISED, "raised"),
    "an exit": ("raise SystemExit\n", Outcome.RAISED, "ends_program"),
    "an end of its process": ("import os; os._exit(3)\n", Outcome.CRASHED, "ended_by_itself"),
    "an endless loop": ("while True: pass\n", Outcome.TIMED_OUT, "loading_too_slow"),
}


@pytest.fixture(scope="module")
def graded() -> Iterator[Callable[..., KataReport]]:
    judge, confined = Judge(), registry.resolve("auto")

    def graded(code: str, **how: Any) -> KataReport:
        *_, done = judge.events(Request(ECHO, Job(ECHO.id, code.encode(), confined, **{"limits": LIMITS, **how})))
        assert isinstance(done, Done)
        assert done.report.fault == ""
        return done.report

    yield graded
    judge.close()


def codes(reason: Reason | None) -> set[str]:
    """The code of a reason, and those of the reasons in it."""
    if reason is None:
        return set()
    return {reason.code}.union(*(codes(each) for each in reason.arguments.values() if isinstance(each, Reason)))


@pytest.mark.parametrize("why", UNLOADABLE)
def test_the_first_check_says_why_and_no_other_is_run(graded, why: str) -> None:
    before, outcome, code = UNLOADABLE[why]
    report = graded(before + REFERENCE)
    first, *others = report.verdicts
    assert report.status is Status.FAILED
    assert first.outcome is outcome
    assert code in codes(first.reason)
    assert {(each.outcome, each.reason) for each in others} == {NOT_RUN}
    assert [each.check for each in report.verdicts] == [check.name for check in report.checks]
    assert report.checks[0].group is Group.INTERFACE
    assert scoring.score(report.checks, report.verdicts).earned == 0


def test_a_job_that_stops_at_the_first_failure_stops_there(graded) -> None:
    report = graded("1 / 0\n", audit=ForAudit(until_failure=True))
    assert [each.outcome for each in report.verdicts] == [Outcome.RAISED]


@pytest.mark.parametrize("how", [{"audit": ForAudit(only_properties=True)}, {"extent": Extent.SAMPLE}])
def test_a_job_that_runs_a_part_says_why_in_its_first_check(graded, how: dict[str, Any]) -> None:
    report = graded("1 / 0\n", examples=Examples.SHIPPED, **how)
    first, *others = report.verdicts
    assert first.outcome is Outcome.RAISED
    assert {(each.outcome, each.reason) for each in others} <= {NOT_RUN}
    assert 0 < len(report.verdicts) < len(report.checks)


def test_a_stub_is_loaded(graded) -> None:
    report = graded(ECHO.stub.read_text())
    assert Outcome.NOT_RUN not in {each.outcome for each in report.verdicts}


class File:
    """A file of the learner's whose loads end as told, in workers that have nothing behind them."""

    def __init__(self, *ends: BaseException | None, spent: float = 0.0) -> None:
        self._ends = iter(ends)
        self.hired: list[Any] = []
        self.budget = Budget(Limits(submission_seconds=20.0), host=0, spent=spent)
        self.file = LoadedFile(Code("echo", b"", ()), self.budget, self._hire, self._ask)

    def _hire(self) -> Any:
        self.hired.append(SimpleNamespace(alive=True))
        return self.hired[-1]

    def _ask(self, *_: object) -> None:
        if (end := next(self._ends)) is not None:
            raise end

    def load(self) -> BaseException | None:
        try:
            self.file.loaded()
        except (LearnerRaised, WorkerLost) as refusal:
            return refusal
        return None


LATE = WorkerLost(Outcome.TIMED_OUT, Reason("time_used_up", {"seconds": 1.0}))


def test_a_file_that_cannot_be_loaded_is_loaded_once() -> None:
    refusal = LearnerRaised("ValueError", "no", 3)
    file = File(refusal)
    assert not file.file.is_unloadable
    assert [file.load(), file.load()] == [refusal, refusal]
    assert file.file.is_unloadable
    assert len(file.hired) == 1


def test_a_file_is_loaded_again_only_when_its_worker_is_lost() -> None:
    file = File(None, None)
    assert [file.load(), file.load()] == [None, None]
    assert len(file.hired) == 1
    file.hired[0].alive = False
    assert file.file.worker is None
    assert file.load() is None
    assert file.file.worker is file.hired[1]


def test_a_file_that_is_refused_at_a_later_load_is_unloadable_too() -> None:
    file = File(None, LearnerRaised("ValueError", "no", 3))
    file.load()
    file.hired[0].alive = False
    assert isinstance(file.load(), LearnerRaised)
    assert file.file.is_unloadable


def test_a_budget_that_is_used_up_by_calls_does_not_make_a_file_unloadable() -> None:
    file = File(None, LATE)
    file.load()
    file.hired[0].alive = False
    spent: Any = SimpleNamespace(cpu_seconds=lambda: 99.0, decoding=0.0)
    file.budget.charge(spent, of_learner=True)
    assert file.load() is LATE
    assert not file.file.is_unloadable


def test_a_file_that_uses_up_the_budget_while_it_is_loaded_is_unloadable() -> None:
    file = File(LATE, spent=21.0)
    assert file.load() is LATE
    assert file.file.is_unloadable
