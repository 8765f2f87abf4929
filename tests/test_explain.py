"""What an exception in a check means: an outcome and a reason, or a fault of ours."""

import hypothesis
import msgspec
import pytest

from grader.judge import explain, judging, validation
from grader.model import Check, GraderError, Group, Outcome, Reason, Verdict
from grader.model.reasons import REASONS, fits
from grader.protocol import codes
from grader.protocol.errors import CannotCross, LearnerRaised, NoWorker, SaidNo, WorkerLost, reason_of
from grader.protocol.wire import WireError
from grader.sentences import ENGLISH

CHECK = Check("test_a", "It adds.", Group.EDGES, 3)
DECLARED = {**REASONS, **codes.UNSENDABLE, **codes.UNREADABLE, **codes.WORKER}
UNREADABLE = WorkerLost(Outcome.CRASHED, Reason("answer_unreadable", {"why": Reason("not_a_table")}))


def told(error: BaseException, *, called: bool = True) -> Verdict:
    return explain.explain_failure(CHECK, error, [], None, called=called)


def failed(*kinds: type[Exception]) -> BaseException:
    """What pytest raises where none of these is raised."""
    with pytest.raises(pytest.fail.Exception) as failure, pytest.raises(kinds):
        pass
    return failure.value


TOLD = {
    "an assertion": (AssertionError("assert 1 == 2"), Outcome.FAILED, ""),
    "an assertion with words": (AssertionError("it adds\nassert 1 == 2"), Outcome.FAILED, "it adds"),
    "a reason of ours": (SaidNo(Reason("different_answers")), Outcome.FAILED, "the same call gave different answers"),
    "luck": (
        hypothesis.errors.FlakyFailure("x", [ValueError()]),
        Outcome.FAILED,
        "the same call gave different answers",
    ),
    "a failure with words": (pytest.fail.Exception("too slow"), Outcome.FAILED, "too slow"),
    "nothing raised": (failed(ValueError), Outcome.FAILED, "it did not raise ValueError"),
    "none of two raised": (
        failed(KeyError, IndexError),
        Outcome.FAILED,
        "it did not raise any of KeyError, IndexError",
    ),
    "an exception": (LearnerRaised("ValueError", "no", 3), Outcome.RAISED, "ValueError: no (line 3 of your file)"),
    "a lost worker": (UNREADABLE, Outcome.CRASHED, "what came back could not be read: not a table"),
    "a wrong kind": (TypeError("no"), Outcome.FAILED, "what came back is of the wrong kind (TypeError: no)"),
    "what can't be handed on": (
        CannotCross(WireError("type_cannot_cross", type="lock")),
        Outcome.FAILED,
        "what came back is of the wrong kind (CannotCross: a check hands over what can't cross: a lock can't cross)",
    ),
}


@pytest.mark.parametrize("what", TOLD)
def test_what_failed_has_an_outcome_and_a_reason(what: str) -> None:
    error, outcome, words = TOLD[what]
    verdict = told(error)
    assert verdict.outcome is outcome
    assert (ENGLISH.sentence(verdict.reason) if verdict.reason else "") == words
    assert verdict.reason is None or fits(verdict.reason, DECLARED)


@pytest.mark.parametrize(
    "error", [NoWorker("it was killed from outside"), GraderError("ours"), hypothesis.errors.Unsatisfiable("ours")]
)
def test_a_fault_of_ours_is_no_verdict(error: BaseException) -> None:
    with pytest.raises(GraderError):
        told(error)


def test_an_exception_before_anything_was_asked_is_a_fault_in_words() -> None:
    error = CannotCross(WireError("type_cannot_cross", type="lock"))
    with pytest.raises(GraderError, match=r"^CannotCross: a check hands over what can't cross: a lock can't cross$"):
        told(error, called=False)


@pytest.mark.parametrize("text", ["\x1b[31m\u202e", "x" * 100_000, "\0\n\r"])
def test_every_text_in_a_reason_is_harmless_and_short(text: str) -> None:
    within = Reason("wrong_kind", {"kind": text, "text": Reason("check_says", {"text": text})})
    words = ENGLISH.sentence(told(SaidNo(within)).reason)
    assert all(char.isprintable() or char == "\n" for char in words)
    assert len(words) < 2_000


def test_what_is_told_to_a_session_can_be_sent_and_is_of_bounded_length() -> None:
    reason = Reason("check_says", {"text": "\ud800" + "x" * 100_000})
    sent = judging._tellable(Verdict("test_a", Outcome.FAILED, call="\ud800", reason=reason), 0.5)
    came = msgspec.msgpack.decode(msgspec.msgpack.encode(sent), type=Verdict)
    assert came.call == r"\ud800"
    kept = validation.checked_reason(came.reason)
    assert kept is not None
    assert str(kept.arguments["text"]).startswith(r"\ud800xxx")
    assert len(str(kept.arguments["text"])) == 1 << 16


@pytest.mark.parametrize("number", [1 << 53, 1 << 64, 1 << 4000, -(1 << 100)])
def test_a_number_without_end_makes_no_fault(number: int) -> None:
    error = WorkerLost(Outcome.CRASHED, reason_of(WireError("buffers_too_large", bytes=number)))
    reason = told(error).reason
    assert reason is not None
    assert fits(reason, DECLARED)
