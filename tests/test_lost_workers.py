"""How a worker was lost: by the learner's doing, which has a reason, or by no fault of theirs."""

import os

import pytest

from grader.judge.exchange import _cause_of_end
from grader.judge.loading import Code
from grader.judge.remote_module import RemoteModule
from grader.judge.slots import Ended
from grader.judge.workers import Workers
from grader.model import GraderError, Limits, Outcome, Reason
from grader.protocol.errors import NoWorker

ENDED = {
    "it hung up": (Ended(0, 0.1, killed=True), Reason("closed_connection")),
    "nothing is known": (None, Reason("closed_connection")),
    "by itself": (Ended(3 << 8, 0.1, killed=False), Reason("ended_by_itself", {"exit_code": 3})),
    "by a signal": (Ended(11, 0.1, killed=False), Reason("ended_by_signal", {"number": 11})),
    "for its threads": (
        Ended(9, 0.1, killed=True, why=Reason("too_many_threads", {"most": 512})),
        Reason("too_many_threads", {"most": 512}),
    ),
}


@pytest.mark.parametrize("how", ENDED)
def test_how_a_worker_ended_is_told(how: str) -> None:
    ended, reason = ENDED[how]
    lost = _cause_of_end(ended, confined=True)
    assert (type(lost) is not NoWorker, lost.outcome, lost.reason) == (True, Outcome.CRASHED, reason)


def test_a_confined_worker_that_was_killed_was_killed_from_outside() -> None:
    killed = Ended(9, 0.1, killed=False)
    assert isinstance(_cause_of_end(killed, confined=True), NoWorker)
    assert _cause_of_end(killed, confined=False).reason == Reason("ended_by_signal", {"number": 9})


def test_where_there_is_no_worker_to_be_had_the_fault_is_ours() -> None:
    def start() -> None:
        raise GraderError("the sandbox is gone")

    workers = Workers(start, lambda *_: None, os.getpid())  # type: ignore[arg-type, return-value]
    module = RemoteModule(workers, Code("echo", b"", ()), Limits())
    with pytest.raises(NoWorker) as lost:
        module.call(None, "echo", (1,), {})
    assert lost.value.fault == "the sandbox is gone"
