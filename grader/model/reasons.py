"""Why a check did not pass, as a code with arguments: the words are put to it where it is shown."""

from collections.abc import Callable, Mapping
from typing import Union

import msgspec

Argument = Union[str, int, float, "Reason"]


class Reason(msgspec.Struct, frozen=True):
    """A code and its arguments: texts, numbers, or another reason."""

    code: str
    arguments: dict[str, Argument] = {}

    def __hash__(self) -> int:
        return hash((self.code, frozenset(self.arguments.items())))

    def with_texts(self, change: Callable[[str], str]) -> "Reason":
        """The same with every text in it changed, and with no number beyond what every reader takes."""
        return Reason(self.code, {name: _changed(value, change) for name, value in self.arguments.items()})


Kind = type | tuple[type, ...]
Declared = Mapping[str, Mapping[str, Kind]]
"""Codes, and the name and type of each argument of theirs."""

_NESTED = 4
"""How many reasons may stand in each other."""
_LARGEST = 1 << 53
"""Of a number: what every reader of JSON takes."""
_WORDS = (str, Reason)

REASONS: Declared = {
    # what a check found
    "check_says": {"text": str},
    "did_not_raise": {"kind": str},
    "did_not_raise_any": {"kinds": str},
    "different_answers": {},
    "not_a_model": {},
    "too_large_to_show": {},
    "wrong_kind": {"kind": str, "text": _WORDS},
    "cannot_be_handed_on": {"why": Reason},
    # what the learner's code raised; a line of 0 is not known
    "raised": {"kind": str, "text": _WORDS, "line": int},
    "raised_unnamed": {"text": _WORDS, "line": int},
    "not_written": {"line": int},
    "answer_unsendable": {"why": Reason},
    # how its process was lost
    "answer_unreadable": {"why": Reason},
    "closed_connection": {},
    "ended_by_signal": {"number": int},
    "ended_by_itself": {"exit_code": int},
    "object_is_gone": {},
    "too_many_threads": {"most": int},
    "memory_maps_too_large": {"megabytes": int},
    # what took too long
    "no_answer_in_time": {"seconds": float},
    "loading_too_slow": {"why": Reason},
    "time_used_up": {"seconds": float},
    "looked_at_too_long": {"seconds": float},
    # what was not run
    "endless_before": {"function": str},
    "not_run_after_overruns": {},
    "not_run_unloadable": {},
    "not_handed_in": {"file": str, "ignored": str},
}
"""Reasons that the grader finds itself. `grader.protocol.codes` has those of the wire and of workers."""


def fits(reason: Reason, declared: Declared, nested: int = _NESTED) -> bool:
    """Whether its code is declared, it has just the arguments of that code, and each is of its type and no monster."""
    kinds = declared.get(reason.code)
    if kinds is None or kinds.keys() != reason.arguments.keys() or not nested:
        return False
    return all(_is(value, kinds[name], declared, nested) for name, value in reason.arguments.items())


def _is(value: Argument, kind: Kind, declared: Declared, nested: int) -> bool:
    if isinstance(value, Reason):
        return kind in (Reason, _WORDS) and fits(value, declared, nested - 1)
    if isinstance(value, str):
        return kind in (str, _WORDS)
    # no comparison with NaN is true
    return (kind is float or (kind is int and type(value) is int)) and abs(value) <= _LARGEST


def _changed(value: Argument, change: Callable[[str], str]) -> Argument:
    if isinstance(value, Reason):
        return value.with_texts(change)
    if isinstance(value, str):
        return change(value)
    return max(-_LARGEST, min(value, _LARGEST))
