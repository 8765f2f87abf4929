"""A failure of the grader's own at any step of a job: one report each time, soon, and the next job is done as ever.

The failures are in checks: those are trusted, run in the processes of a judge, and can break what they like there.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader import process
from grader.content.catalog import read_kata
from grader.grading import judge_process, scheduler
from grader.grading.deduplicate import judged_once
from grader.grading.judge_process import Judge
from grader.grading.pending import Pending, PendingJobs
from grader.grading.scheduler import JudgePool
from grader.judge.messages import Request
from grader.model import Done, Event, Extent, Job, Judged, Kata, KataReport, Limits, Outcome, Reason, Status, Verdict
from grader.sandbox.backends import registry

KATAS = Path(__file__).with_name("katas")
STUB = KATAS / "exercises/machine/echo.py"
ECHO = read_kata(STUB, KATAS / "checks")
RIGHT = ECHO.reference.read_bytes()
CHECKS = '''
"""Checks that go wrong."""

import os
import signal
from pathlib import Path

import pytest

from echo import echo


def once(mark):
    """Whether this has not happened before."""
    try:
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


@pytest.mark.examples(spec="A1")
def test_before():
    """It echoes."""
    assert echo(1) == 1


@pytest.mark.examples(spec="A1")
def test_here():
    """It echoes here."""
    assert echo(2) == 2
    {here}


@pytest.mark.edges(spec="A1")
def test_after():
    """It echoes after."""
    assert echo(3) == 3


{broken}
'''
BROKEN = {
    "while the checks are collected": "raise RuntimeError('broken')",
    "before anything is drawn": """
from grader.judge.pytest_plugin import Runner
def prepare(*_): raise RuntimeError("broken")
Runner.prepare = prepare
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
FORGED = {
    "a verdict on another check": "messages.Ruled(Verdict('test_after', Outcome.PASSED), 0.0)",
    "a verdict on no check": "messages.Ruled(Verdict('test_more', Outcome.PASSED), 0.0)",
    "an end before its time": "messages.Finished(0.0, 0.0)",
    "what isn't known": "Verdict('test_before', Outcome.PASSED)",
    "seconds without end": "messages.Ruled(Verdict('test_before', Outcome.PASSED), float('inf'))",
    "a verdict of no seconds": "messages.Ruled(Verdict('test_before', Outcome.PASSED, seconds=float('nan')), 0.0)",
    "a reason of no known code": "failed(Reason('passed'))",
    "a reason without its arguments": "failed(Reason('raised', {'kind': 'ValueError'}))",
    "a reason with another's arguments": "failed(Reason('different_answers', {'text': 'x'}))",
    "a reason with a text for a number": "failed(Reason('time_used_up', {'seconds': 'x'}))",
    "a reason with seconds that are none": "failed(Reason('time_used_up', {'seconds': float('nan')}))",
    "a reason with a number without end": "failed(Reason('ended_by_signal', {'number': 1 << 60}))",
    "a reason in reasons": "failed(nested(10))",
    "a reason in reasons without end": "failed(nested(400))",
}
CONFINED = """
    from grader.judge.proxies import _current
    import ctypes, socket, subprocess
    def refused(what):
        try:
            what()
        except (OSError, subprocess.SubprocessError):
            return True
        return False
    assert refused(lambda: open("/etc/passwd"))
    assert refused(lambda: os.listdir(Path.home()))
    assert refused(lambda: open({place!r}, "w"))
    assert refused(lambda: os.mkdir({place!r} + ".d"))
    assert refused(lambda: socket.create_connection(("127.0.0.1", 9), 1))
    assert refused(lambda: socket.socketpair())
    assert refused(os.fork)
    assert refused(lambda: os.execv("/bin/true", ["true"]))
    assert refused(lambda: os.kill(os.getppid(), 0))
    assert refused(lambda: os.pidfd_open(os.getppid()))
    assert refused(lambda: open(f"/proc/{{os.getppid()}}/mem", "rb"))
    assert refused(lambda: open({other!r}))
    import _thread
    try:
        _thread.start_new_thread(int, ())
    except RuntimeError:
        pass
    else:
        raise AssertionError("a thread was started")
    null, error = os.fstat(1), os.fstat(2)
    assert (null.st_dev, null.st_ino) == (error.st_dev, error.st_ino), "standard error goes nowhere"
"""


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    judge = Judge()
    yield judge
    judge.close()


@pytest.fixture
def kata(tmp_path: Path) -> Callable[..., Kata]:
    """A kata whose checks go wrong in some way."""

    def kata(broken: str = "", here: str = "") -> Kata:
        file = tmp_path / "checks/machine/test_echo.py"
        file.parent.mkdir(parents=True)
        # braces of a dict in what is put in stay as they are
        file.write_text(CHECKS.replace("{here}", here or "pass").replace("{broken}", broken), encoding="utf-8")
        return read_kata(STUB, tmp_path / "checks")

    return kata


def job(kata: Kata, code: bytes = RIGHT, **how: object) -> Request:
    return Request(kata, Job(kata.id, code, registry.resolve("auto"), **how))


def events(judge: Judge, asked: Request) -> list[Event]:
    return list(judge.events(asked))


def report(judge: Judge, asked: Request) -> KataReport:
    *_, done = events(judge, asked)
    assert isinstance(done, Done)
    return done.report


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


@pytest.mark.parametrize("what", FORGED)
def test_a_fork_that_forges_is_one_error(judge, kata, what: str) -> None:
    """Whoever owned the fork that judges could still not leave the plan."""
    forged = f"""
from grader.judge import judging, messages
from grader.model import Outcome, Reason, Verdict
def failed(reason):
    return messages.Ruled(Verdict('test_before', Outcome.FAILED, reason=reason), 0.0)
def nested(many):
    reason = Reason('different_answers')
    for _ in range(many):
        reason = Reason('answer_unreadable', {{'why': reason}})
    return reason
def run(runner, plan, brief, session):
    session.send({FORGED[what]})
    while True: pass
judging._run = run
"""
    found = report(judge, job(kata(forged), limits=Limits(1.0, 2.0, 1.0, judge_seconds=2.0)))
    assert found.status is Status.ERROR
    assert "spoke nonsense" in found.fault


def test_katas_may_stand_in_a_package(judge, kata, tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text("", encoding="utf-8")
    assert report(judge, job(kata())).status is Status.PASSED


def test_a_message_that_trickles_is_not_waited_for_without_end(judge, kata) -> None:
    """Each byte in time, the whole never."""
    trickle = """
import itertools, time
from grader.judge import judging, supervisor
supervisor._SILENCE = 0.5
def run(runner, plan, brief, session):
    session.socket.sendall((1 << 20).to_bytes(4, "little"))
    for _ in itertools.count():
        time.sleep(0.1)
        session.socket.sendall(b"x")
judging._run = run
"""
    found = report(judge, job(kata(trickle)))
    assert found.status is Status.ERROR
    assert "ended unexpectedly" in found.fault


def test_what_a_shared_fixture_holds_is_the_learners(judge, kata) -> None:
    """A check that can't look at what an earlier one was answered has failed, though it asks nothing itself."""
    shared = """
@pytest.fixture(scope="module")
def told():
    return echo([4])

@pytest.mark.edges
def test_first(told):
    assert len(told) == 1

@pytest.mark.edges
def test_second(told):
    assert told[0] == 4
"""
    code = b"def echo(value):\n    return {4: None} if type(value) is list else value\n"
    found = report(judge, job(kata(shared), code))
    assert found.fault == ""
    assert [each.check for each in found.verdicts if each.outcome is not Outcome.PASSED] == ["test_second"]


@pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's")
def test_the_fork_that_judges_is_confined(judge, kata, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("secret", encoding="utf-8")
    tried = CONFINED.format(place=str(tmp_path / "written"), other=str(tmp_path / "other"))
    found = report(judge, job(kata(here=tried.strip())))
    assert found.fault == ""
    assert [(each.check, each.reason) for each in found.verdicts if each.outcome is not Outcome.PASSED] == []
    assert not (tmp_path / "written").exists()


def test_an_answer_that_takes_long_to_look_at_costs_its_author(judge, kata) -> None:
    found = report(judge, job(kata(here="while echo(2) == 2: sum(range(10**9))"), limits=Limits(judge_seconds=0.5)))
    assert found.fault == ""
    assert [each.outcome for each in found.verdicts] == [Outcome.PASSED, Outcome.TIMED_OUT, Outcome.PASSED]
    assert found.verdicts[1].reason == Reason("looked_at_too_long", {"seconds": 0.5})


def test_after_two_such_answers_no_further_check_is_tried(judge, kata) -> None:
    slow = "def slow(): sum(range(10**10))\ntest_before.__code__ = slow.__code__"
    found = report(judge, job(kata(slow, here="sum(range(10**10))"), limits=Limits(judge_seconds=0.5)))
    assert found.fault == ""
    assert [each.outcome for each in found.verdicts] == [Outcome.TIMED_OUT, Outcome.TIMED_OUT, Outcome.NOT_RUN]


ENDLESS = RIGHT + b"\n\ndef apply(function, value):\n    while True: pass\n"
PATIENT = Limits(call_seconds=60.0, submission_seconds=60.0)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
@pytest.mark.parametrize(("kills", "status"), [(1, Status.FAILED), (2, Status.ERROR)])
def test_a_worker_killed_from_outside_costs_no_points(kills: int, status: Status) -> None:
    """Once, and everything is done again; twice, and there is no score."""
    judge, doomed = Judge(), job(ECHO, ENDLESS, limits=Limits(call_seconds=3.0, submission_seconds=20.0))
    report(judge, job(ECHO))
    with ThreadPoolExecutor(1) as hand:
        found = hand.submit(report, judge, doomed)
        for _ in range(kills):
            worker = computing(judge.pid, found.done)
            os.kill(worker, signal.SIGKILL)
            while process.facts(worker).threads and not found.done():
                time.sleep(0.01)
    judge.close()
    assert found.result().status is status
    if status is Status.FAILED:
        assert Outcome.CRASHED not in {each.outcome for each in found.result().verdicts}


def computing(judge: int, over: Callable[[], bool]) -> int:
    """A process below a judge that has used a second of CPU since it was seen first."""
    seen: dict[int, float] = {}
    while not over():
        for pid in below(judge):
            used = lane_cpu(pid)
            if used - seen.setdefault(pid, used) > 0.5:
                return pid
        time.sleep(0.02)
    raise AssertionError("nothing computes")


def below(ancestor: int) -> list[int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_bytes().rpartition(b")")[2].split()[1])
            except OSError:
                continue
    family = {ancestor}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return sorted(family - {ancestor})


def lane_cpu(pid: int) -> float:
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def test_a_function_that_is_endless_in_three_checks_is_not_called_again(judge) -> None:
    code = RIGHT + b"\n\ndef echo(value):\n    while True: pass\n"
    found = report(judge, job(ECHO, code, limits=Limits(call_seconds=0.2, submission_seconds=20.0)))
    outcomes = [each.outcome for each in found.verdicts]
    assert outcomes.count(Outcome.TIMED_OUT) == 3
    (reason, *_) = {each.reason for each in found.verdicts if each.outcome is Outcome.NOT_RUN}
    assert reason == Reason("endless_before", {"function": "echo"})
    assert Outcome.PASSED in outcomes  # other functions are still asked


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
