"""Many jobs: each is told of to its end, the same one is done once, and no more are held than are needed."""

import os
import queue
import signal
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from grader.content.catalog import read_kata
from grader.grading import judge_process, scheduler
from grader.model import Done, Event, Isolation, Job, Judged, KataReport, Planned, Running, Status
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


@pytest.mark.usefixtures("warm_team")
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


@pytest.mark.usefixtures("warm_team")
def test_an_audit_judges_the_same_again() -> None:
    events = told([job(RIGHT), job(RIGHT)])
    assert all(any(isinstance(event, Running) for event in each) for each in events.values())


@pytest.mark.usefixtures("warm_team")
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


def kinds(*names: str) -> list[tuple[int, Job]]:
    """Jobs of katas by these names, numbered."""
    return list(enumerate(Job(msgspec.structs.replace(ECHO, name=name), RIGHT, Isolation.BARE) for name in names))


def taken(pending: scheduler._PendingJobs, last: str, times: int) -> list[int]:
    """The numbers of the jobs that one judge takes, which has been at this kata."""
    kind, found = (f"machine/{last}", 0), []
    for _ in range(times):
        number, job = pending.take(kind)
        kind = (job.kata.id, job.hash_seed)
        found.append(number)
    return found


def test_a_judge_keeps_to_one_kata_while_there_is_more_of_it() -> None:
    pending = scheduler._PendingJobs(256)
    pending.add(kinds(*"abcabc"))
    assert taken(pending, "b", 6) == [1, 4, 0, 3, 2, 5]


def test_the_hash_seed_belongs_to_what_a_judge_keeps_to() -> None:
    pending = scheduler._PendingJobs(256)
    pending.add((number, job(RIGHT, hash_seed=number % 2)) for number in range(4))
    assert taken(pending, "", 4) == [0, 2, 1, 3]


def test_a_judge_does_not_look_farther_than_the_next_few_jobs() -> None:
    pending = scheduler._PendingJobs(2)
    pending.add(kinds(*"abcab"))
    assert taken(pending, "c", 5) == [0, 1, 2, 3, 4]


def test_a_judge_goes_to_the_kata_that_fewest_have_been_at() -> None:
    pending = scheduler._PendingJobs(256)
    pending.add(kinds(*"aaabb"))
    assert [taken(pending, "", 1), taken(pending, "", 1), taken(pending, "", 1)] == [[0], [3], [1]]


def test_pending_jobs_say_when_they_run_low_and_end_for_everybody() -> None:
    pending = scheduler._PendingJobs(256)
    pending.add(kinds(*"ab"))
    assert (pending.fewer_than(2), pending.fewer_than(3)) == (False, True)
    pending.end()
    assert pending.take(("a", 0)) is None


def numbered(number: int) -> Job:
    return job(b"# %d" % number)


def done(index: int) -> Done:
    return Done(ECHO.id, KataReport(ECHO.id, Status.PASSED, seconds=index))


def test_the_last_128_reports_are_remembered_for_what_is_handed_in_again() -> None:
    deduplicator = scheduler._Deduplicator(events := queue.SimpleQueue())
    for index in range(128):
        assert deduplicator.is_new(index, numbered(index))
        assert deduplicator.note(index, done(index)) == []
    assert not deduplicator.is_new(500, numbered(0))  # and now it is the one that was asked for last
    assert deduplicator.is_new(128, numbered(128))
    deduplicator.note(128, done(128))
    told = [events.get() for _ in range(events.qsize())]
    assert [(index, type(event)) for index, event in told] == [(500, Planned), (500, Done)]
    assert told[-1][1].report.seconds == 0
    assert [deduplicator.is_new(501 + each, numbered(each)) for each in (0, 1, 2, 128)] == [False, True, False, False]


def test_a_fault_is_not_remembered_and_the_next_of_the_same_is_judged() -> None:
    deduplicator = scheduler._Deduplicator(queue.SimpleQueue())
    assert deduplicator.is_new(0, numbered(7))
    assert [deduplicator.is_new(index, numbered(7)) for index in (1, 2)] == [False, False]
    broken = Done(ECHO.id, KataReport(ECHO.id, Status.ERROR, fault="no memory"))
    assert deduplicator.note(0, broken) == [(1, numbered(7))]
    assert deduplicator.note(1, broken) == [(2, numbered(7))]
    assert deduplicator.note(2, broken) == []
    assert deduplicator.is_new(3, numbered(7))
