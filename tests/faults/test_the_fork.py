"""What the fork that judges may do, and who pays for what it takes."""

import sys
from pathlib import Path

import pytest

from faulty import job, report
from grader.model import Limits, Outcome, Reason

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


@pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's")
def test_the_fork_that_judges_is_confined(judge, kata, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("secret", encoding="utf-8")
    tried = CONFINED.format(place=str(tmp_path / "written"), other=str(tmp_path / "other"))
    found = report(judge, job(kata(here=tried.strip())))
    assert found.fault == ""
    assert [(each.check, each.reason) for each in found.verdicts if each.outcome is not Outcome.PASSED] == []
    assert not (tmp_path / "written").exists()


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
