"""What is told of a check that did not pass: what was asked, what came back, what was expected, and no more."""

import traceback

import hypothesis
import pytest

from grader.judge import formatting
from grader.judge.assertion_recorder import Operands
from grader.judge.call_history import Call
from grader.judge.proxies import RemoteObject
from grader.model import Check, GraderError, Group, Outcome, Verdict
from grader.protocol.errors import CannotCross, LearnerRaised, WorkerLost

_SHOWN_CALLS = 3
_TRACE = 8000
_FRAMES = 8


def explain_failure(
    check: Check, error: BaseException, calls: list[Call], operands: Operands | None, *, called: bool
) -> Verdict:
    """The verdict on a check that raised `error` after `calls`; `operands` are those of the comparison that failed.

    Raises GraderError where the fault is ours.
    """
    outcome, note = _outcome(error, called=called)
    returned, expected = "", ""
    if outcome is Outcome.FAILED and operands is not None:
        operator, left, right = operands
        returned, expected = formatting.value(left), formatting.expected(operator, right)
    elif outcome is Outcome.FAILED and len(calls) == 1 and calls[0].answered:
        returned = formatting.value(calls[0].answer)
    # the call that raised says enough; an answer that is wrong may be so in view of other answers
    shown = _shown_calls(calls[-1:] if outcome is Outcome.RAISED else calls)
    if check.group in (Group.DATA, Group.SPEED) and outcome is Outcome.FAILED:
        shown = ""  # large inputs, chosen for their size: they explain nothing
    trace = "".join(traceback.format_exception(error, limit=-_FRAMES))[-_TRACE:]
    traceback.clear_frames(error.__traceback__)  # they hold answers of any size
    return Verdict(check.name, outcome, shown, returned, expected, note, trace=trace)


def _outcome(error: BaseException, *, called: bool) -> tuple[Outcome, str]:
    """What an exception in a check means. Raises GraderError where the fault is ours."""
    if isinstance(error, WorkerLost):
        if error.ours:
            raise GraderError(error.note)
        return error.outcome, formatting.text(error.note)
    if isinstance(error, LearnerRaised):
        return Outcome.RAISED, formatting.text(str(error))
    if isinstance(error, hypothesis.errors.FlakyFailure):
        return Outcome.FAILED, "the same call gave different answers"
    if isinstance(error, AssertionError):
        return Outcome.FAILED, _own_words(error)
    if isinstance(error, pytest.fail.Exception):
        kind = getattr(error, "msg", "").partition("<class '")[2].partition("'")[0]
        return Outcome.FAILED, f"it did not raise {kind}" if kind else formatting.text(str(error.msg))
    ours = isinstance(error, GraderError | hypothesis.errors.HypothesisException) and type(error) is not CannotCross
    if ours or not called:
        raise GraderError(f"{type(error).__name__}: {error}") from error
    # The reference passes this check, so what came back is of a kind that the check can't even look at, or hand on.
    return Outcome.FAILED, formatting.text(f"what came back is of the wrong kind ({type(error).__name__}: {error})")


def _own_words(error: AssertionError) -> str:
    """The words that the check gave with its assert; pytest puts its own account after them."""
    first = str(error).partition("\nassert ")[0]
    return "" if first.startswith("assert ") else formatting.text(first)


def _shown_calls(calls: list[Call]) -> str:
    """The last calls, with their answers if there are several; what made an object shows with its methods."""
    calls = [each for each in calls if not isinstance(each.answer, RemoteObject)] or calls
    if len(calls) == 1:
        return _asked(calls[0])
    last = calls[-_SHOWN_CALLS:]
    asked = [(_asked(each), each) for each in last]
    lines = [formatting.answered(words, each.answer) if each.answered else words for words, each in asked]
    return "\n".join([*([f"(earlier calls: {len(calls) - len(last)})"] if len(calls) > len(last) else []), *lines])


def _asked(call: Call) -> str:
    """A call as it could be typed: a method after what gave its object."""
    if call.on is None:
        return formatting.call(call.name, call.args, call.kwargs)
    maker = _asked(call.on)
    return formatting.call(maker if call.name == "__call__" else f"{maker}.{call.name}", call.args, call.kwargs)
