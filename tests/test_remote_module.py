"""What is remembered of a submission's calls, and for how long it is asked: by workers that answer at once."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from grader.judge import budget
from grader.judge.budget import Budget
from grader.judge.loading import Code
from grader.judge.remote_module import RemoteModule
from grader.model import Limits, Outcome, Reason
from grader.protocol import wire
from grader.protocol.errors import LearnerRaised, WorkerLost

if TYPE_CHECKING:
    from collections.abc import Callable

HALF_A_GIGABYTE = 1 << 29
CODE = Code("echo", b"", ())


class Worker:
    """Answers every request from a list of replies, the last of them for ever."""

    def __init__(self, *replies: dict[str, Any], weight: int = 0) -> None:
        self.replies, self.weight = list(replies), weight
        self.asked: list[dict[str, Any]] = []
        self.dropped: list[int] = []
        self.alive, self.spent, self.decoding = True, 0.0, 0.0
        self.watch: Callable[[], None] | None = None

    def send(self, message: dict[str, Any], _: wire.Lend) -> None:
        self.asked.append(message)

    def receive(self, _: wire.Borrow) -> Any:
        if self.asked[-1]["op"] == "load":
            return {"value": None}
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def cpu_seconds(self) -> float:
        return self.spent

    def end(self) -> None:
        self.alive = False


def submitted(*workers: Worker, monkeypatch: pytest.MonkeyPatch, limits: Limits | None = None) -> RemoteModule:
    """A submission that has these workers, one after the other."""
    monkeypatch.setattr(budget, "cpu_of", lambda _: 0.0)
    hire = iter(workers).__next__
    return RemoteModule(SimpleNamespace(hire=hire, host=0), CODE, limits or Limits())  # type: ignore[arg-type]


def test_the_last_forty_calls_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    module = submitted(Worker({"value": 3}), monkeypatch=monkeypatch)
    for number in range(50):
        module.call(None, "f", (number,), {})
    assert [call.args for call in module.calls] == [(number,) for number in range(10, 50)]
    assert {call.answer for call in module.calls} == {3}


@pytest.mark.parametrize(
    ("weight", "kept"), [(HALF_A_GIGABYTE // 8, 8), (HALF_A_GIGABYTE // 8 + 1, 7), (2 * HALF_A_GIGABYTE, 1)]
)
def test_answers_of_half_a_gigabyte_are_remembered_and_always_the_last(
    weight: int, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = submitted(Worker({"value": 3}, weight=weight), monkeypatch=monkeypatch)
    for number in range(12):
        module.call(None, "f", (number,), {})
    assert [call.args for call in module.calls] == [(number,) for number in range(12 - kept, 12)]


def test_what_is_raised_is_remembered_as_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    module = submitted(Worker({"raised": "KeyError", "message": "'a'", "line": 3}), monkeypatch=monkeypatch)
    with pytest.raises(LearnerRaised, match="line 3") as raised:
        module.call(None, "f", (), {})
    assert module.calls.last.answer is raised.value


@pytest.mark.parametrize("reply", [{}, {"callback": 0, "args": []}, {"val": 1}, 3, None])
def test_what_is_no_reply_is_a_crash_and_the_next_call_has_another_worker(
    reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Worker(reply), Worker({"value": 3})
    module = submitted(first, second, monkeypatch=monkeypatch)
    with pytest.raises(WorkerLost) as lost:
        module.call(None, "f", (), {})
    assert (lost.value.outcome, lost.value.reason.code) == (Outcome.CRASHED, "answer_unreadable")
    assert not first.alive
    assert module.call(None, "f", (), {}) == 3
    assert [request["op"] for request in second.asked] == ["load", "call"]


def test_a_function_that_was_endless_in_three_checks_is_not_called_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(Worker):
        def receive(self, _: wire.Borrow) -> Any:
            if self.asked[-1]["op"] == "call" and self.asked[-1]["name"] == "f":
                raise WorkerLost(Outcome.TIMED_OUT, Reason("no_answer_in_time", {"seconds": 5.0}))
            return {"value": None}

    module = submitted(*(Endless() for _ in range(5)), monkeypatch=monkeypatch)
    outcomes = []
    for check in "aabcd":
        module.begin_check(check, None)
        with pytest.raises(WorkerLost) as lost:
            module.call(None, "f", (), {})
        outcomes.append(lost.value.outcome)
    assert outcomes == [Outcome.TIMED_OUT] * 4 + [Outcome.NOT_RUN]
    assert lost.value.reason == Reason("endless_before", {"function": "f"})
    assert module.call(None, "g", (), {}) is None


def test_a_submission_is_asked_until_its_seconds_are_used_up(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker({"value": 3})
    module = submitted(
        worker, monkeypatch=monkeypatch, limits=Limits(call_seconds=1.0, submission_seconds=2.0, patience=100.0)
    )
    worker.spent = 2.0
    assert module.call(None, "f", (), {}) == 3
    worker.spent = 2.01
    with pytest.raises(WorkerLost) as lost:
        module.call(None, "f", (), {})
    assert lost.value.reason == Reason("time_used_up", {"seconds": 2.0})


def test_a_check_may_grant_its_calls_more_time_on_any_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "cpu_of", lambda _: 0.0)
    time = Budget(Limits(call_seconds=1.0, scale=3.0), 0)
    time.begin_check(2.0)
    assert time.call_seconds == 6.0
    time.begin_check(None)
    assert time.call_seconds == 1.0


def test_a_file_may_take_three_seconds_to_load_or_what_a_call_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "cpu_of", lambda _: 0.0)
    for call_seconds, loading in ((1.0, 3.0), (5.0, 5.0)):
        time = Budget(Limits(call_seconds=call_seconds), 0)
        with time.for_loading():
            assert time.call_seconds == loading
        assert time.call_seconds == call_seconds


def test_a_submission_pays_for_its_workers_its_sandbox_and_what_reading_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = iter([10.0, 12.0])
    monkeypatch.setattr(budget, "cpu_of", lambda _: next(sandbox))
    time, learners, ours = Budget(Limits(), 0, spent=1.0), Worker(), Worker()
    time.charge(learners, of_learner=True)
    time.charge(ours, of_learner=False)
    learners.spent, learners.decoding, ours.spent, ours.decoding = 0.5, 0.25, 4.0, 8.0
    assert time.cost() == 1.0 + (12.0 - 10.0) + 0.5 + 0.25 + 4.0 + 8.0
    assert time.cpu_seconds() == 0.5
