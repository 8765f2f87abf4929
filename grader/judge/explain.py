"""What is told of a check that did not pass: what was asked, what came back, what was expected, and no more."""

import re
import traceback

import hypothesis
import pytest

from grader.judge import formatting
from grader.judge.assertion_recorder import Operands
from grader.judge.call_history import Call
from grader.judge.proxies import RemoteObject
from grader.model import Check, GraderError, Group, Outcome, Reason, Verdict
from grader.protocol.errors import CannotCross, LearnerRaised, NoWorker, SaidNo, WorkerLost
from grader.sentences import ENGLISH

_SHOWN_CALLS = 3
_TRACE = 8000
_FRAMES = 8
_RAISED_NOTHING = re.compile(r"DID NOT RAISE (?:any of \((?P<kinds>[\w., ]+)\)|(?:<class ')?(?P<kind>[\w.]+)(?:'>)?)")
"""What pytest says where nothing was raised."""


def explain_failure(
    check: Check, error: BaseException, calls: list[Call], operands: Operands | None, *, called: bool
) -> Verdict:
    """The verdict on a check that raised `error` after `calls`; `operands` are those of the comparison that failed.

    Raises GraderError where the fault is ours.
    """
    outcome, reason = _outcome(error, called=called)
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
    reason = reason and reason.with_texts(formatting.text)
    return Verdict(check.name, outcome, shown, returned, expected, reason, trace=trace)


def _outcome(error: BaseException, *, called: bool) -> tuple[Outcome, Reason | None]:
    """What an exception in a check means. Raises GraderError where the fault is ours."""
    if isinstance(error, NoWorker):
        raise GraderError(error.fault)
    if isinstance(error, WorkerLost):
        return error.outcome, error.reason
    if isinstance(error, LearnerRaised):
        return Outcome.RAISED, error.reason
    if isinstance(error, hypothesis.errors.FlakyFailure):
        return Outcome.FAILED, Reason("different_answers")
    if isinstance(error, AssertionError):
        return Outcome.FAILED, _said_by_check(error)
    if isinstance(error, pytest.fail.Exception):
        return Outcome.FAILED, _not_raised(error)
    ours = isinstance(error, GraderError | hypothesis.errors.HypothesisException) and type(error) is not CannotCross
    text = error.reason if isinstance(error, CannotCross) else str(error)
    if ours or not called:
        told = text if isinstance(text, str) else ENGLISH.sentence(text)
        raise GraderError(f"{type(error).__name__}: {told}") from error
    # The reference passes this check, so what came back is of a kind that the check can't even look at, or hand on.
    return Outcome.FAILED, Reason("wrong_kind", {"kind": type(error).__name__, "text": text})


def _said_by_check(error: AssertionError) -> Reason | None:
    """What the check gave with its assert, if it gave anything; pytest puts its own account after it."""
    if isinstance(error, SaidNo):
        return error.reason
    first = str(error).partition("\nassert ")[0]
    return None if not first or first.startswith("assert ") else Reason("check_says", {"text": first})


def _not_raised(error: BaseException) -> Reason:
    """What `pytest.fail` was called with; pytest itself calls it where `pytest.raises` saw nothing raised."""
    words = str(getattr(error, "msg", ""))
    if (found := _RAISED_NOTHING.fullmatch(words)) is None:
        return Reason("check_says", {"text": words})
    if kinds := found["kinds"]:
        return Reason("did_not_raise_any", {"kinds": kinds})
    return Reason("did_not_raise", {"kind": found["kind"]})


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
