"""What a call of the learner's code can end with, besides an answer.

Tagged, so that a learner's exception is never the check's.
"""

from functools import cache
from typing import Any

from grader.model import GraderError, Outcome


class LearnerRaised(Exception):  # noqa: N818  reads as what happened
    """The learner's code raised.

    Subclasses are also the built-in exception that it raised, so that `pytest.raises` works.
    """

    def __init__(self, kind: str, text: str, line: int | None) -> None:
        super().__init__(text)
        self.kind, self.text, self.line = kind, text, line

    def __str__(self) -> str:
        where = f" (line {self.line} of your file)" if self.line else ""
        if self.kind == "NotImplementedError" and not self.text:
            return f"this isn't written yet{where}"
        return f"{self.kind}: {self.text}{where}" if self.text else f"{self.kind}{where}"


class WorkerLost(BaseException):
    """The worker died, fell silent or spoke nonsense. Passes hypothesis by: no example is tried again."""

    def __init__(self, outcome: Outcome, note: str, *, ours: bool = False) -> None:
        super().__init__(note)
        self.outcome, self.note = outcome, note
        self.ours = ours
        """Whether it was lost by no fault of the learner's: killed from outside, or never there."""


class CannotCross(GraderError):  # noqa: N818  reads as what happened
    """What a check hands to the learner's code can't be sent: too large, or of no type that crosses."""


# AssertionError, TimeoutError, KeyboardInterrupt and SystemExit aren't here: a check could take them for its own.
_KNOWN = {
    kind.__name__: kind
    for kind in (
        ArithmeticError, AttributeError, EOFError, FloatingPointError, ImportError, IndexError, KeyError, LookupError,
        MemoryError, ModuleNotFoundError, NameError, NotImplementedError, OSError, OverflowError, PermissionError,
        RecursionError, RuntimeError, TypeError, UnboundLocalError, UnicodeError, ValueError, ZeroDivisionError,
    )
}  # fmt: skip


def as_raised(kinds: Any, text: Any, line: Any) -> LearnerRaised:
    """The exception that a reply tells of. Everything in a reply is the learner's word."""
    names = [name for name in kinds if type(name) is str][:50] if type(kinds) is list else []
    told = names[0] if names else "an exception"
    shown = (told, text if type(text) is str else "", line if type(line) is int and 0 < line < 1 << 31 else None)
    base = next((_KNOWN[name] for name in names[1:] if name in _KNOWN), None)
    return (_tagged(base) if base else LearnerRaised)(*shown)


@cache  # one class a kind: hypothesis tells failures apart by their classes
def _tagged(base: type[Exception]) -> type[LearnerRaised]:
    return type(base.__name__, (LearnerRaised, base), {})
