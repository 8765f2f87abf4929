"""What a call of the learner's code can end with, besides an answer.

Tagged, so that a learner's exception is never the check's.
"""

from functools import cache
from typing import Any

from grader.model import GraderError, Outcome, Reason, reasons
from grader.protocol import codes

_LONGEST = 2000
"""Characters of a text that a worker says."""
_LAST_LINE = 1 << 31
_MAY_SAY = {**codes.WORKER, **codes.UNSENDABLE}
"""The codes that a worker may say: of the learner's file, and of answers that can't be sent."""


class LearnerRaised(Exception):  # noqa: N818  reads as what happened
    """The learner's code raised.

    Subclasses are also the built-in exception that it raised, so that `pytest.raises` works.
    """

    def __init__(self, kind: str, text: str | Reason, line: int | None) -> None:
        super().__init__(text if isinstance(text, str) else text.code)
        self.kind, self.text, self.line = kind, text, line

    def __str__(self) -> str:
        """For staff; `reason` is for learners."""
        return f"{self.kind} at line {self.line}: {self.text}"

    @property
    def reason(self) -> Reason:
        """What happened."""
        line = self.line or 0
        if self.kind == "NotImplementedError" and not self.text:
            return Reason("not_written", {"line": line})
        if not self.kind:
            return Reason("raised_unnamed", {"text": self.text, "line": line})
        return Reason("raised", {"kind": self.kind, "text": self.text, "line": line})


class WorkerLost(BaseException):
    """The worker died, fell silent or spoke nonsense. Passes hypothesis by: no example is tried again."""

    def __init__(self, outcome: Outcome, reason: Reason) -> None:
        super().__init__(reason)
        self.outcome, self.reason = outcome, reason


class NoWorker(WorkerLost):
    """A worker was lost by no fault of the learner's: killed from outside, or never there."""

    def __init__(self, fault: str) -> None:
        super().__init__(Outcome.CRASHED, Reason("closed_connection"))
        self.fault = fault


class SaidNo(AssertionError):  # noqa: N818  reads as what happened
    """A check said no, and gave a reason of the grader's in place of words of its own."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code.replace("_", " "))
        self.reason = reason


class CannotCross(GraderError):  # noqa: N818  reads as what happened
    """What a check hands to the learner's code can't be sent: too large, or of no type that crosses."""

    def __init__(self, why: codes.Coded) -> None:
        super().__init__(str(why))
        self.reason = Reason("cannot_be_handed_on", {"why": reason_of(why)})


def reason_of(error: codes.Coded) -> Reason:
    """What the wire refused, as a reason."""
    return Reason(error.code, dict(error.arguments))


# AssertionError, TimeoutError, KeyboardInterrupt and SystemExit aren't here: a check could take them for its own.
_KNOWN = {
    kind.__name__: kind
    for kind in (
        ArithmeticError, AttributeError, EOFError, FloatingPointError, ImportError, IndexError, KeyError, LookupError,
        MemoryError, ModuleNotFoundError, NameError, NotImplementedError, OSError, OverflowError, PermissionError,
        RecursionError, RuntimeError, TypeError, UnboundLocalError, UnicodeError, ValueError, ZeroDivisionError,
    )
}  # fmt: skip


def as_raised(kinds: Any, text: Any, line: Any, said: Any = None) -> LearnerRaised:
    """The exception that a reply tells of. Everything in a reply is the learner's word.

    `said` is a code and its arguments, where the worker told it in our words: then these stand in place of the text.
    """
    names = [name for name in kinds if type(name) is str][:50] if type(kinds) is list else []
    told = reason_said(said) or (text if type(text) is str else "")
    shown = (names[0] if names else "", told, line if type(line) is int and 0 < line < _LAST_LINE else None)
    base = next((_KNOWN[name] for name in names[1:] if name in _KNOWN), None)
    return (_tagged(base) if base else LearnerRaised)(*shown)


def reason_said(said: Any) -> Reason | None:
    """A worker's code with its arguments as a reason; None unless it is one that a worker may say, and fits its code.

    Whoever forges one gains no more than words about their own file.
    """
    if type(said) is not list or [type(part) for part in said] != [str, dict]:
        return None
    code, arguments = said
    if not all(type(value) is int or (type(value) is str and len(value) <= _LONGEST) for value in arguments.values()):
        return None
    # the names are taken from the declaration: those that came may be of a type that is only equal to a text
    reason = Reason(code, {name: arguments[name] for name in _MAY_SAY.get(code, ()) if name in arguments})
    if len(reason.arguments) != len(arguments) or not reasons.fits(reason, _MAY_SAY):
        return None
    return Reason("answer_unsendable", {"why": reason}) if code in codes.UNSENDABLE else reason


@cache  # one class a kind: hypothesis tells failures apart by their classes
def _tagged(base: type[Exception]) -> type[LearnerRaised]:
    return type(base.__name__, (LearnerRaised, base), {})
