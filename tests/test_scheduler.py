"""Many jobs: each is told of to its end, the same one is done once, and no more are held than are needed."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.content.catalog import read_kata
from grader.grading import judge_process, scheduler
from grader.model import Done, Event, Isolation, Job, Judged, Planned, Running, Status
from grader.sandbox import slot

KATAS = Path(__file__).with_name("katas")
ECHO = read_kata(KATAS / "exercises/machine/echo.py", KATAS / "checks")
RIGHT = ECHO.reference.read_bytes()
WRONG = RIGHT + b"\ndef apply(function, value):\n    return None\n"


def job(code: bytes, **how: object) -> Job:
    return Job(ECHO, code, slot.resolve(Isolation.AUTO), **how)


def told(jobs: list[Job], **how: object) -> dict[int, list[Event]]:
    events: dict[int, list[Event]] = {}
    for index, event in scheduler.judge_all(jobs, 2, **how):
        events.setdefault(index, []).append(event)
    return events


def test_what_is_the_same_is_judged_once_and_told_to_everybody() -> None:
    events = told([job(RIGHT), job(WRONG), job(RIGHT), job(RIGHT, seed=1), job(RIGHT), job(WRONG)], once=True)
    ran = {index for index, each in events.items() if any(isinstance(event, Running) for event in each)}
    assert ran == {0, 1, 3}
    reports = {index: each[-1].report for index, each in events.items() if isinstance(each[-1], Done)}
    assert {index: report.status for index, report in reports.items()} == {
        0: Status.PASSED,
        1: Status.FAILED,
        2: Status.PASSED,
        3: Status.PASSED,
        4: Status.PASSED,
        5: Status.FAILED,
    }
    assert reports[2] == reports[0]
    for index in (2, 4, 5):
        assert isinstance(events[index][0], Planned)
        assert sum(isinstance(event, Judged) for event in events[index]) == len(reports[index].checks)


def test_an_audit_judges_the_same_again() -> None:
    events = told([job(RIGHT), job(RIGHT)])
    assert all(any(isinstance(event, Running) for event in each) for each in events.values())


def test_jobs_are_taken_as_they_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "_WINDOW", 3)
    taken = done = ahead = 0

    def jobs() -> Iterator[Job]:
        nonlocal taken
        for number in range(20):
            taken += 1
            yield job(b"# %d\n" % number)

    for _, event in scheduler.judge_all(jobs(), 2, once=True):
        done += isinstance(event, Done)
        ahead = max(ahead, taken - done)
    assert (taken, done) == (20, 20)
    assert ahead <= 3 * 3


def test_nothing_to_do_starts_nothing() -> None:
    assert list(scheduler.judge_all([])) == []


def test_a_warm_team_is_used_or_ended() -> None:
    judge_process.warm(2)
    (first, second) = judge_process._warm
    assert judge_process.team(1) == [first]
    assert second._process is None
    first.close()
    judge_process.warm(1)
    (warm,) = judge_process._warm
    for judge in judge_process.team(2, hash_seed=1):
        judge.close()
    assert warm._process is None


def test_a_team_whose_process_dies_goes_on_in_others() -> None:
    team = judge_process.team(2)
    for judge in team:
        assert graded(judge) is Status.PASSED
    os.kill(team[0]._process.pid, signal.SIGKILL)
    for judge in team:
        assert graded(judge) is Status.PASSED
        judge.close()
        assert judge._process is None


def graded(judge: judge_process.Judge) -> Status:
    *_, done = judge.events(job(RIGHT))
    return done.report.status
