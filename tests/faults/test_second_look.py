"""A certified pass is looked at by a second judge."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from faulty import ECHO, job, report
from grader.grading import scheduler
from grader.grading.judge_process import Judge
from grader.grading.pending import Pending, PendingJobs
from grader.grading.scheduler import JudgePool
from grader.judge.messages import Request
from grader.model import Done, Event, Extent, Judged, KataReport, Outcome, Status, Verdict


class Stub(Judge):
    """A judge that is known to find this."""

    def __init__(self, *verdicts: Outcome, fault: str = "") -> None:
        super().__init__()
        self.asked: list[Request] = []
        self._verdicts = tuple(Verdict(f"test_{number}", outcome) for number, outcome in enumerate(verdicts))
        self._fault = fault

    def start(self, hash_seed: int = 0) -> None:  # type: ignore[override]
        """Nothing to start."""

    def events(self, request: Request) -> Iterator[Event]:
        self.asked.append(request)
        bad = any(each.outcome is not Outcome.PASSED for each in self._verdicts)
        status = Status.ERROR if self._fault else Status.FAILED if bad else Status.PASSED
        for each in self._verdicts:
            yield Judged(request.kata.id, each)
        yield Done(request.kata.id, KataReport(request.kata.id, status, verdicts=self._verdicts, fault=self._fault))


def confirmed(first: Stub, second: Stub) -> tuple[Status, str]:
    feeder = scheduler._Feeder(first, PendingJobs(), lambda _: ECHO, confirm=True)
    feeder._second = second
    done = feeder._done(Pending(lambda _: None, 0, job(ECHO).job))
    return done.report.status, done.report.fault


GOOD, BAD = Outcome.PASSED, Outcome.FAILED


def test_a_pass_that_a_second_judge_does_not_confirm_is_no_pass() -> None:
    assert confirmed(Stub(GOOD, GOOD), Stub(GOOD)) == (Status.PASSED, "")
    assert confirmed(Stub(GOOD, GOOD), Stub(GOOD, BAD))[0] is Status.ERROR
    assert "test_1" in confirmed(Stub(GOOD, GOOD), Stub(GOOD, BAD))[1]
    assert confirmed(Stub(GOOD), Stub())[0] is Status.ERROR
    assert confirmed(Stub(GOOD), Stub(GOOD, fault="broken"))[0] is Status.ERROR


def test_only_a_pass_is_looked_at_again() -> None:
    second = Stub(GOOD)
    assert confirmed(Stub(GOOD, BAD), second) == (Status.FAILED, "")
    assert second.asked == []
    confirmed(Stub(GOOD), second)
    assert [each.job.extent for each in second.asked] == [Extent.SAMPLE]


def test_a_second_look_runs_every_example_and_oracle(judge) -> None:
    whole = report(judge, job(ECHO))
    sample = report(judge, job(ECHO, extent=Extent.SAMPLE))
    ran = {each.check for each in sample.verdicts}
    wanted = {check.name for check in whole.checks if check.group in ("examples", "oracle")}
    assert wanted <= ran
    assert len(ran) >= min(10, len(whole.checks) - 1)
    assert {each.outcome for each in sample.verdicts} == {Outcome.PASSED}


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_a_pass_is_confirmed_at_other_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Judge] = []
    begin = Judge.start

    def start(self: Judge, hash_seed: int = 0) -> object:
        started.append(self)
        return begin(self, hash_seed)

    monkeypatch.setattr(Judge, "start", start)
    places: set[str] = set()
    with JudgePool(1, confirm=True, find=lambda _: ECHO) as pool:
        for index, event in pool.run([job(ECHO).job]):
            assert index == 0
            places |= {place for judge in started if judge._process for place in [library(judge.pid)] if place}
            if isinstance(event, Done):
                assert event.report.status is Status.PASSED
    (second,) = started
    assert second._process is None
    assert threading.active_count() < 50
    assert len(places) == 1


def library(pid: int) -> str:
    """Where a process has the C library."""
    lines = Path(f"/proc/{pid}/maps").read_text(encoding="ascii").splitlines()
    return next((line.split("-")[0] for line in lines if "libc.so" in line or "libc-" in line), "")
