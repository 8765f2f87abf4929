"""Many jobs: each is told of to its end, the same one is done once, and no more are held than are needed."""

import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from grader.content.catalog import read_kata
from grader.grading import deduplicate, judge_process, scheduler
from grader.grading.deduplicate import judged_once
from grader.grading.pending import Pending, PendingJobs, kind_of
from grader.grading.scheduler import JudgePool
from grader.judge.messages import Request
from grader.model import Done, Event, ForAudit, Job, Judged, Kata, KataReport, Planned, Running, Status, UsageError
from grader.sandbox.backends import registry

KATAS = Path(__file__).with_name("katas")
ECHO = read_kata(KATAS / "exercises/machine/echo.py", KATAS / "checks")
RIGHT = ECHO.reference.read_bytes()
WRONG = RIGHT + b"\ndef apply(function, value):\n    return None\n"


def job(code: bytes, **how: object) -> Job:
    return Job(ECHO.id, code, registry.resolve("auto"), **how)


@pytest.fixture(scope="module")
def pool() -> Iterator[JudgePool]:
    with JudgePool(2, find=lambda _: ECHO) as own:
        yield own


def by_job(run: Iterable[tuple[int, Event]]) -> dict[int, list[Event]]:
    events: dict[int, list[Event]] = {}
    for index, event in run:
        events.setdefault(index, []).append(event)
    return events


def test_what_is_the_same_is_judged_once_and_told_to_everybody(pool: JudgePool) -> None:
    jobs = [job(RIGHT), job(WRONG), job(RIGHT), job(RIGHT, seed=1), job(RIGHT), job(WRONG)]
    events = by_job(judged_once(pool, jobs))
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


def test_an_audit_judges_the_same_again(pool: JudgePool) -> None:
    events = by_job(pool.run([job(RIGHT), job(RIGHT)]))
    assert all(any(isinstance(event, Running) for event in each) for each in events.values())


@pytest.mark.parametrize("once", [False, True])
def test_jobs_are_taken_as_they_are_needed(pool: JudgePool, monkeypatch: pytest.MonkeyPatch, once: bool) -> None:
    monkeypatch.setattr(scheduler, "LOOKAHEAD", 3)
    taken = done = ahead = 0

    def jobs() -> Iterator[Job]:
        nonlocal taken
        for number in range(20):
            taken += 1
            yield job(b"# %d\n" % number)

    for _, event in judged_once(pool, jobs()) if once else pool.run(jobs()):
        done += isinstance(event, Done)
        ahead = max(ahead, taken - done)
    assert (taken, done) == (20, 20)
    assert ahead <= 3 + 2 + 1


def test_twins_of_a_job_at_work_are_taken_as_they_are_needed(pool: JudgePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deduplicate, "LOOKAHEAD", 3)
    taken = 0

    def jobs() -> Iterator[Job]:
        nonlocal taken
        for _ in range(50):
            taken += 1
            yield job(b"# the same\n")

    run = judged_once(pool, jobs())
    next(run)
    assert taken <= 3 + 2
    assert sum(isinstance(event, Done) for _, event in run) == 49 + 1


def test_nothing_to_do_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge_process, "team", None)
    assert list(scheduler.judge_all([], [])) == []
    with JudgePool() as own:
        assert list(judged_once(own, [])) == []


def test_judges_stay_from_one_run_to_the_next(pool: JudgePool) -> None:
    by_job(pool.run([job(RIGHT)] * 2))
    before = [feeder._judge.pid for feeder in pool._feeders]
    by_job(judged_once(pool, [job(RIGHT), job(WRONG)]))
    assert [feeder._judge.pid for feeder in pool._feeders] == before
    assert None not in before


def test_a_run_that_is_given_up_leaves_nothing_to_the_next(pool: JudgePool) -> None:
    run = pool.run([job(RIGHT), job(WRONG), job(RIGHT)])
    next(run)
    run.close()
    assert pool._feeders == []
    events = by_job(pool.run([job(WRONG)]))
    assert {index: each[-1].report.status for index, each in events.items()} == {0: Status.FAILED}


def test_a_kata_that_is_not_here_is_a_fault() -> None:
    def find(name: str) -> Kata:
        raise UsageError(f"no kata {name!r}")

    with JudgePool(1, find=find) as own:
        (done,) = [event for _, event in own.run([job(RIGHT)])]
    assert (done.report.status, done.report.fault) == (Status.ERROR, "UsageError: no kata 'machine/echo'")


def test_a_judge_that_was_stopped_does_not_start_again() -> None:
    judge = judge_process.Judge()
    judge.close()
    (done,) = judge.events(Request(ECHO, job(RIGHT)))
    assert done.report.fault == "GraderError: the judge was stopped"
    assert judge.pid is None


def test_a_judge_prefers_the_kata_that_it_is_warm_for() -> None:
    pending = PendingJobs()
    pending.near = 3
    for number, kata in enumerate(["a", "b", "a", "a", "b"]):
        pending.add(Pending(lambda _: None, number, Job(kata, b"", "bare")))
    assert pending.take(("a", 0)).number == 0
    assert pending.take(("a", 0)).number == 2
    assert pending.take(("", 0)).number == 1  # no judge is warm for b
    assert pending.take(("b", 0)).number == 4
    pending.close()
    assert pending.take(("a", 0)) is None


def test_of_two_judges_each_takes_a_kata_of_its_own() -> None:
    pending = PendingJobs()
    pending.near = 4
    for number, kata in enumerate(["a", "a", "b", "b"]):
        pending.add(Pending(lambda _: None, number, Job(kata, b"", "bare")))
    assert [pending.take(("", 0)).number, pending.take(("", 0)).number] == [0, 2]


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
    *_, done = judge.events(Request(ECHO, job(RIGHT)))
    return done.report.status


def taken(kata: str, near: int, *jobs: Job) -> list[int]:
    """The numbers of jobs in the order in which one judge takes them that is warm for a kata."""
    pending = PendingJobs()
    pending.near = near
    for number, each in enumerate(jobs):
        pending.add(Pending(lambda _: None, number, each))
    kind, found = (kata, 0), []
    for _ in jobs:
        job = pending.take(kind)
        kind = kind_of(job.job)
        found.append(job.number)
    return found


def of(katas: str) -> list[Job]:
    return [Job(kata, b"", "bare") for kata in katas]


def test_a_judge_keeps_to_one_kata_while_there_is_more_of_it() -> None:
    assert taken("b", 256, *of("abcabc")) == [1, 4, 0, 3, 2, 5]


def test_the_hash_seed_belongs_to_what_a_judge_keeps_to() -> None:
    assert taken("", 256, *(Job("a", b"", "bare", audit=ForAudit(hash_seed=n % 2)) for n in range(4))) == [0, 2, 1, 3]


def test_a_judge_does_not_look_farther_than_the_next_few_jobs() -> None:
    assert taken("c", 2, *of("abcab")) == [0, 1, 2, 3, 4]


class Instant(judge_process.Judge):
    """Does each job at once, and takes note of it."""

    asked: ClassVar[list[bytes]] = []

    def events(self, request: Request) -> Iterator[Event]:
        self.asked.append(request.job.code)
        fault = "no memory" if request.job.code == b"fault" else ""
        status = Status.ERROR if fault else Status.PASSED
        yield Done(ECHO.id, KataReport(ECHO.id, status, fault=fault, seconds=len(self.asked)))


@pytest.fixture
def instant(monkeypatch: pytest.MonkeyPatch) -> Iterator[JudgePool]:
    """A pool of one judge, so that jobs are done in their order."""
    monkeypatch.setattr(judge_process, "team", lambda size, _: [Instant() for _ in range(size)])
    monkeypatch.setattr(Instant, "asked", [])
    with JudgePool(1, find=lambda _: ECHO) as own:
        yield own


def test_the_last_128_reports_are_remembered(instant: JudgePool) -> None:
    known = deduplicate._Deduplicator()
    with scheduler.Run(instant, 1) as run:
        instant.peek([job(b"")])
        asked = [*range(128), 0, 128, 0, 2, 128, 1]
        for index, number in enumerate(asked):
            known.enter(run, index, job(b"# %d" % number))
            while run.unfinished:
                list(known.heard(run))
    # 0 was asked for again before 128 came: so 1 is what was forgotten
    assert Instant.asked == [b"# %d" % number for number in [*range(128), 128, 1]]


def test_a_fault_is_not_repeated(instant: JudgePool) -> None:
    run = judged_once(instant, [job(b"fault"), job(b"right"), job(b"fault"), job(b"right"), job(b"fault")])
    reports = {index: event.report for index, event in run if isinstance(event, Done)}
    assert [reports[index].status is Status.ERROR for index in range(5)] == [True, False, True, False, True]
    assert sorted(Instant.asked) == [b"fault"] * 3 + [b"right"]
    assert reports[1] == reports[3]
