"""What is lost with a worker, and what its time costs the submission, while it lives and afterwards."""

from typing import Any

import pytest

from grader.judge import budget as budgets
from grader.judge.budget import Budget
from grader.judge.exchange import Exchange
from grader.judge.handles import Handles
from grader.judge.slots import Ended
from grader.judge.workers import Closed
from grader.model import Limits, Outcome, Reason
from grader.protocol.errors import WorkerLost
from grader.protocol.wire import WireError


class Worker:
    """A worker that ends when it is told to, or has ended with exit code 3."""

    def __init__(self, seconds: float = 0.0, decoding: float = 0.0) -> None:
        self.seconds, self.decoding = seconds, decoding
        self.ends: list[str] = []

    def end(self) -> None:
        self.ends.append("ended")

    def wait_for_end(self) -> Ended:
        self.ends.append("waited for")
        return Ended(3 << 8, self.seconds, killed=False)

    def cpu_seconds(self) -> float:
        return self.seconds


LATE = WorkerLost(Outcome.TIMED_OUT, Reason("no_answer_in_time", {"seconds": 1.0}))
LOST = {
    "it is late": (LATE, "ended", LATE.outcome, LATE.reason),
    "it hung up": (Closed(), "waited for", Outcome.CRASHED, Reason("ended_by_itself", {"exit_code": 3})),
    "it spoke nonsense": (
        WireError("not_a_reply"),
        "ended",
        Outcome.CRASHED,
        Reason("answer_unreadable", {"why": Reason("not_a_reply")}),
    ),
}


@pytest.mark.parametrize("how", LOST)
def test_a_worker_that_is_lost_is_ended_and_the_reason_is_told(how: str) -> None:
    error, end, outcome, reason = LOST[how]
    worker: Any = Worker()
    exchange = Exchange(Budget(Limits(), host=0), Handles(), confined=True)
    lost = exchange.lost(worker, error)
    assert worker.ends == [end]
    assert (lost.outcome, lost.reason) == (outcome, reason)


def test_every_worker_counts_but_the_learner_s_code_runs_in_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "cpu_of", lambda _: 0.0)
    budget = Budget(Limits(), host=0, spent=1.0)
    learners: list[Any] = [Worker(2.0, decoding=0.5), Worker(4.0)]
    ours: list[Any] = [Worker(8.0), Worker(16.0, decoding=0.25)]
    for worker in learners:
        budget.charge(worker, of_learner=True)
    for worker in ours:
        budget.charge(worker, of_learner=False)
    assert budget.cpu_seconds() == 6.0
    assert budget.cost() == 31.75


def test_a_file_may_take_longer_to_load_than_a_call_and_calls_afterwards_as_before() -> None:
    budget = Budget(Limits(call_seconds=1.0), host=0)
    with budget.for_loading():
        assert budget.call_seconds == 3.0
    assert budget.call_seconds == 1.0
    budget = Budget(Limits(call_seconds=5.0), host=0)
    budget.begin_check(0.5)
    with budget.for_loading():
        assert budget.call_seconds == 5.0
    assert budget.call_seconds == 0.5
