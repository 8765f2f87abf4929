"""Whichever process of the grader is killed while hostile code computes: nothing survives, and the run goes on."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.grading.judge_process import Judge
from grader.judge.messages import Request
from grader.model import Job, Limits, Outcome, Status

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc")
PATIENT = Limits(call_seconds=60.0, submission_seconds=60.0)


@pytest.fixture
def judge() -> Iterator[Judge]:
    judge = Judge()
    yield judge
    judge.close()


@pytest.fixture
def endless(attack, kata, confined) -> Request:
    """Undoes what would end it with its parents, where nothing keeps it from doing so, and computes."""
    hostile = attack("outlives_its_parents" if confined != "bare" else "endless_loop")
    return Request(kata(hostile.kata), Job(kata(hostile.kata).id, hostile.code, confined, limits=PATIENT))


@pytest.mark.parametrize("part", ["judge", "session", "submission", "host", "zygote"])
def test_hostile_code_does_not_survive_a_killed(judge, endless, echo, cast, graded, waited_for, part: str) -> None:
    """Killed once, and it is tried again; killed twice, and it is an error."""
    if part == "host" and endless.job.isolation == "bare":
        pytest.skip("without a sandbox there is no host")
    graded(judge, Request(echo, Job(echo.id, echo.reference.read_bytes(), endless.job.isolation)))
    everybody: list[int] = []
    with ThreadPoolExecutor(1) as hand:
        doomed = hand.submit(graded, judge, endless)
        before = None
        for _ in range(2):
            until = time.monotonic() + 60
            while part == "judge" and judge.pid in (None, before) and time.monotonic() < until:
                time.sleep(0.01)
            before = judge.pid
            found = computing(cast, before)
            victims = [before] if part == "judge" else found[part]
            for victim in victims:
                os.kill(victim, signal.SIGKILL)
            inside = [pid for role in ("host", "zygote", "worker", "submission") for pid in found.get(role, [])]
            everybody += [pid for pids in found.values() for pid in pids]
            assert waited_for(lambda pids=inside: [pid for pid in pids if alive(pid)]) == []
        report = doomed.result(60)
    assert report.status is Status.ERROR
    assert report.fault
    assert (
        graded(judge, Request(echo, Job(echo.id, echo.reference.read_bytes(), endless.job.isolation))).status
        is Status.PASSED
    )
    judge.close()
    assert waited_for(lambda: [pid for pid in everybody if alive(pid)]) == []


def test_a_worker_that_is_killed_again_and_again_is_no_zero(judge, endless, cast, graded, echo) -> None:
    """Without a sandbox nobody can tell whether it killed itself."""
    graded(judge, Request(echo, Job(echo.id, echo.reference.read_bytes(), endless.job.isolation)))
    with ThreadPoolExecutor(1) as hand:
        doomed = hand.submit(graded, judge, endless)
        until = time.monotonic() + 120
        while not doomed.done() and time.monotonic() < until:
            for worker in cast(judge.pid).get("worker", []):
                os.kill(worker, signal.SIGKILL)
            time.sleep(0.01)
        report = doomed.result(1)
    if endless.job.isolation == "bare":
        assert {verdict.outcome for verdict in report.verdicts} == {Outcome.CRASHED}
    else:
        assert report.status is Status.ERROR
        assert report.fault


def test_hostile_code_does_not_survive_an_interrupt(endless, cast, waited_for, tmp_path: Path) -> None:
    (tmp_path / "hostile.py").write_bytes(endless.job.code)
    script = f"""
        import signal
        from pathlib import Path
        from grader.grading.grade import Options, grade, pool_for
        from grader.model import Limits, Source, Submission
        # what a shell starts in the background ignores Ctrl-C, and so would whatever these tests start
        signal.signal(signal.SIGINT, signal.default_int_handler)
        code = Path({str(tmp_path / "hostile.py")!r}).read_bytes()
        submissions = [Submission(str(n), "", (Source("user_cf", code, "user_cf.py"),)) for n in range(3)]
        options = Options({endless.job.isolation!r}, limits=Limits(60.0, 60.0))
        try:
            with pool_for(options) as pool:
                list(grade(submissions, options, pool))
        except KeyboardInterrupt:
            print("interrupted")
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as run:
        found = computing(cast, run.pid)
        os.killpg(run.pid, signal.SIGINT)
        told, _ = run.communicate(timeout=60)
    everybody = [pid for pids in found.values() for pid in pids]
    assert told == b"interrupted\n"
    assert len(everybody) > 3
    assert waited_for(lambda: [pid for pid in everybody if alive(pid)]) == []


def test_hostile_answers_cannot_fill_the_judges_memory(judge, endless, cast, graded) -> None:
    with ThreadPoolExecutor(1) as hand:
        doomed = hand.submit(graded, judge, endless)
        before = None
        for _ in range(2):
            until = time.monotonic() + 60
            while judge.pid in (None, before) and time.monotonic() < until:
                time.sleep(0.01)
            before = judge.pid
            found = computing(cast, before)
            limits = Path(f"/proc/{found['submission'][0]}/limits").read_text(encoding="ascii")
            os.kill(before, signal.SIGKILL)
        doomed.result(60)
    (size,) = [line for line in limits.splitlines() if line.startswith("Max data size")]
    assert size.split()[3:5] == [str(4 << 30)] * 2


def computing(cast, ancestor: int) -> dict[str, list[int]]:
    """Everybody, once a worker has computed for a while."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        found = cast(ancestor)
        if any(seconds_of(pid) > 0.3 for pid in found.get("worker", [])):
            return found
        time.sleep(0.02)
    raise AssertionError("nothing is being judged")


def seconds_of(pid: int) -> float:
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] != b"Z"
    except OSError:
        return False
