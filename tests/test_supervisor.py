"""What a session hands to the fork that judges."""

import os
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.judge import supervisor
from grader.judge.plan import PlannedCheck
from grader.model import Check, Group, Job, Limits, Status

CHARGED, STARTED = 4242, 7


def test_a_fork_counts_the_time_of_the_process_that_the_backend_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not of the one that the slot's command started: that one may only wait."""
    ours, theirs = os.pipe()

    def judge(brief: Any, _end: object) -> None:
        os.write(theirs, str(brief.host).encode())
        os._exit(0)

    monkeypatch.setattr(supervisor, "judge", judge)
    plan = (PlannedCheck(Check("test_a", "It adds.", Group.EDGES, 3), ()),)
    suite = SimpleNamespace(plan=plan, examples=SimpleNamespace(prepared=SimpleNamespace(drawn={}, unbanked={})))
    slot = SimpleNamespace(control=None, charged=CHARGED, host=SimpleNamespace(pid=STARTED))
    job = Job("t/k", b"", "bare")
    supervised = supervisor.Supervisor(cast("Any", None), job, cast("Any", slot), Limits(), lambda _: None)
    report = supervised.report(cast("Any", suite), lambda: None)
    os.close(theirs)
    with os.fdopen(ours) as told:
        assert told.read() == str(CHARGED)
    assert report.status is Status.ERROR
    assert not supervised.slot_is_fine
