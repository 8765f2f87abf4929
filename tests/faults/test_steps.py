"""A failure of the grader's own at any step of a job: one report, soon, and the next job is done as ever."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from faulty import ECHO, STUB, events, job, report
from grader.content.catalog import read_kata
from grader.grading import judge_process, scheduler
from grader.grading.deduplicate import judged_once
from grader.grading.judge_process import Judge
from grader.grading.scheduler import JudgePool
from grader.model import Done, Event, Status

BROKEN = {
    "while the checks are collected": "raise RuntimeError('broken')",
    "before anything is drawn": """
from grader.judge.examples import PropertyExamples
def prepare(*_): raise RuntimeError("broken")
PropertyExamples.prepare = prepare
""",
    "at the fork": """
from grader.judge import supervisor
def fork(): raise OSError(11, "broken")
supervisor.os = type("Os", (), {**vars(os), "fork": staticmethod(fork)})
""",
    "before the first answer": """
from grader.judge import judging
def give_up(*_): raise RuntimeError("broken")
judging._give_up = give_up
""",
    "with exit code 0 before the first answer": """
from grader.judge import judging
def give_up(*_): os._exit(0)
judging._give_up = give_up
""",
    "after the last check": """
from grader.judge import judging
judging.messages.Finished = lambda *_: os._exit(0)
""",
    "as the report is made": """
from grader.judge import supervisor
def kata_report(**_): raise RuntimeError("broken")
supervisor.KataReport = kata_report
""",
    "as the report is sent": """
from grader.judge import session
session.Ended = lambda *_, **__: os._exit(0)
""",
    "as the session tells of a check": """
from grader.judge import supervisor
def running(*_): raise ConnectionResetError("broken")
supervisor.Running = running
""",
}
HERE = {
    "a fault of ours": "from grader.model import GraderError; raise GraderError('broken')",
    "an exit with code 0": "os._exit(0)",
    "an exit with code 1": "os._exit(1)",
    "a crash": "os.abort()",
}


@pytest.mark.parametrize("step", BROKEN)
def test_a_failure_of_ours_at_any_step_is_one_error(judge, kata, step: str) -> None:
    told = events(judge, job(kata(BROKEN[step])))
    assert [isinstance(event, Done) for event in told].count(True) == 1
    assert isinstance(told[-1], Done)
    assert told[-1].report.status is Status.ERROR
    assert told[-1].report.fault
    assert report(judge, job(ECHO)).status is Status.PASSED


@pytest.mark.parametrize("broken", ["_BOOT = 'raise SystemExit'", "_BOOT = 'while True: pass'", "packages = None"])
def test_a_slot_that_does_not_start_is_one_error(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    program = f"""
from grader.judge import server
from grader.sandbox import slot
slot.{broken}
wait = slot.Slot.wait_until_ready
slot.Slot.wait_until_ready = lambda self: wait(self, 1.0)
server.main()
"""
    monkeypatch.setattr(judge_process, "_PROGRAM", ("-c", program))
    judge = Judge()
    told = events(judge, job(ECHO))
    judge.close()
    assert [type(event) for event in told] == [Done]
    assert told[0].report.status is Status.ERROR
    assert told[0].report.fault


@pytest.mark.parametrize("step", HERE)
def test_a_check_that_breaks_the_judge_is_one_error(judge, kata, step: str) -> None:
    found = report(judge, job(kata(here=HERE[step])))
    assert found.status is Status.ERROR
    assert found.fault
    assert report(judge, job(ECHO)).status is Status.PASSED


@pytest.mark.parametrize("step", ["an exit with code 0", "a crash"])
def test_what_fails_once_is_tried_once_more(judge, kata, tmp_path: Path, step: str) -> None:
    mark = str(tmp_path / "mark")
    broken = f"""
from grader.judge import judging
give_up = judging._give_up
def broken(*how):
    if once({mark!r}):
        {HERE[step]}
    give_up(*how)
judging._give_up = broken
"""
    assert report(judge, job(kata(broken))).status is Status.PASSED


def test_a_failure_at_one_submission_is_not_copied_to_its_twins(kata, tmp_path: Path) -> None:
    marks = [str(tmp_path / name) for name in ("first", "again")]
    broken = f"""
from grader.judge import judging
give_up = judging._give_up
def broken(*how):
    if any(once(mark) for mark in {marks!r}):
        raise RuntimeError("broken")
    give_up(*how)
judging._give_up = broken
"""
    asked = job(kata(broken))
    with JudgePool(1, find=lambda _: asked.kata) as pool:
        run = judged_once(pool, [asked.job] * 3)
        found = [event.report.status for _, event in run if isinstance(event, Done)]
    assert sorted(found) == [Status.ERROR, Status.PASSED, Status.PASSED]


def test_katas_may_stand_in_a_package(judge, kata, tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text("", encoding="utf-8")
    assert report(judge, job(kata())).status is Status.PASSED


def test_a_feeder_that_fails_still_tells_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def events(*_: object) -> Iterator[Event]:
        raise UnicodeEncodeError("utf-8", "\udcff", 0, 1, "broken")

    monkeypatch.setattr(judge_process.Judge, "events", events)
    found = [event for _, event in scheduler.judge_all([job(ECHO).job] * 3, [ECHO])]
    assert [type(event) for event in found] == [Done] * 3
    assert {event.report.status for event in found if isinstance(event, Done)} == {Status.ERROR}


def test_a_job_that_cannot_be_sent_is_one_error(judge) -> None:
    odd = read_kata(STUB, Path("checks-\udcff"))
    found = report(judge, job(odd))
    assert found.status is Status.ERROR
    assert "surrogates" in found.fault
    assert report(judge, job(ECHO)).status is Status.PASSED


@pytest.mark.parametrize("closed", ["2>&-", "2>/dev/full", "1>&- 2>&-"])
def test_nothing_depends_on_standard_error(kata, tmp_path: Path, closed: str) -> None:
    broken = kata(here=HERE["a fault of ours"])
    script = f"""
from pathlib import Path
from grader.content.catalog import read_kata
from grader.sandbox.backends import registry
from grader.grading.deduplicate import judged_once
from grader.grading.judge_process import Judge
from grader.grading.pending import Pending, PendingJobs
from grader.grading.scheduler import JudgePool
from grader.judge.messages import Request
from grader.judge.messages import Request
from grader.model import Job
kata = read_kata(Path({str(STUB)!r}), Path({broken.checks_root!r}))
judge = Judge()
*_, done = judge.events(Request(kata, Job(kata.id, kata.reference.read_bytes(), registry.resolve("auto"))))
judge.close()
Path({str(tmp_path / "found")!r}).write_text(done.report.status)
"""
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    subprocess.run(
        ["/bin/sh", "-c", f'"$0" "$1" {closed}', sys.executable, tmp_path / "script.py"], timeout=120, check=False
    )
    assert (tmp_path / "found").read_text() == "error"
