"""Workers that are killed from outside, and functions that never end."""

import os
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from faulty import ECHO, RIGHT, job, report
from grader import process
from grader.grading.judge_process import Judge
from grader.model import Limits, Outcome, Reason, Status

ENDLESS = RIGHT + b"\n\ndef apply(function, value):\n    while True: pass\n"


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
