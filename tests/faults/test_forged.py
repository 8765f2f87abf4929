"""Whatever the fork that judges says, it can't leave the plan."""

import pytest

from faulty import job, report
from grader.model import Limits, Status

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
def run(brief, session):
    session.send({FORGED[what]})
    while True: pass
judging._run = run
"""
    found = report(judge, job(kata(forged), limits=Limits(1.0, 2.0, 1.0, judge_seconds=2.0)))
    assert found.status is Status.ERROR
    assert "spoke nonsense" in found.fault


def test_a_message_that_trickles_is_not_waited_for_without_end(judge, kata) -> None:
    """Each byte in time, the whole never."""
    trickle = """
import itertools, time
from grader.judge import judging, supervisor
supervisor._SILENCE = 0.5
def run(brief, session):
    session.socket.sendall((1 << 20).to_bytes(4, "little"))
    for _ in itertools.count():
        time.sleep(0.1)
        session.socket.sendall(b"x")
judging._run = run
"""
    found = report(judge, job(kata(trickle)))
    assert found.status is Status.ERROR
    assert "ended unexpectedly" in found.fault
