"""What a worker says in our words: accepted if it is one of its codes and fits it, else only its text is told."""

import math
from typing import Any

import numpy as np
import pytest

from grader.model import Reason
from grader.protocol.codes import Coded
from grader.protocol.errors import CannotCross, SaidNo, as_raised

KINDS = ["ImportError", "ImportError", "Exception", "BaseException", "object"]
MISSING: dict[str, Any] = {"line": 3, "name": "helpers", "file": "echo.py"}


def test_a_code_of_a_worker_stands_in_place_of_its_text() -> None:
    raised = as_raised(KINDS, "in other words", None, ["imports_missing", MISSING])
    assert isinstance(raised, ImportError)
    within = Reason("imports_missing", MISSING)
    assert raised.reason == Reason("raised", {"kind": "ImportError", "text": within, "line": 0})


def test_an_answer_that_cannot_be_sent_is_told_as_such() -> None:
    raised = as_raised(["TypeError"], "in other words", None, ["type_cannot_cross", {"type": "lock"}])
    unsendable = Reason("answer_unsendable", {"why": Reason("type_cannot_cross", {"type": "lock"})})
    assert raised.reason.arguments["text"] == unsendable


FORGED = {
    "nothing": None,
    "a text": "imports_missing",
    "a code alone": ["imports_missing"],
    "a code and a list": ["imports_missing", ["line", 3]],
    "one part too many": ["imports_missing", MISSING, 1],
    "a code that is no text": [7, MISSING],
    "a code that can't be hashed": [[], MISSING],
    "a code of no one's": ["passed", {}],
    "a code of the judge's": ["different_answers", {}],
    "a code of the judge's for time": ["time_used_up", {"seconds": 1}],
    "a code of the reader's": ["not_a_table", {}],
    "a code of the command's": ["not_handed_in", {"file": "x", "ignored": ""}],
    "no arguments": ["imports_missing", {}],
    "an argument too few": ["imports_missing", {"line": 3, "name": "helpers"}],
    "an argument too many": ["imports_missing", {**MISSING, "more": 1}],
    "an argument of another name": ["imports_missing", {"line": 3, "name": "helpers", "files": "x"}],
    "a number for a text": ["imports_missing", {**MISSING, "name": 7}],
    "a text for a number": ["imports_missing", {**MISSING, "line": "7"}],
    "a float": ["imports_missing", {**MISSING, "line": 3.0}],
    "not a number": ["imports_missing", {**MISSING, "line": math.nan}],
    "a boolean": ["imports_missing", {**MISSING, "line": True}],
    "None": ["imports_missing", {**MISSING, "name": None}],
    "bytes": ["imports_missing", {**MISSING, "name": b"x"}],
    "a list": ["imports_missing", {**MISSING, "name": ["x"]}],
    "a reason": ["imports_missing", {**MISSING, "name": ["imports_missing", MISSING]}],
    "a dict like a reason": ["imports_missing", {**MISSING, "name": {"code": "passed", "arguments": {}}}],
    "a text of numpy's": ["imports_missing", {**MISSING, "name": np.str_("x")}],
    "a number of numpy's": ["imports_missing", {**MISSING, "line": np.int64(3)}],
    "a text without end": ["imports_missing", {**MISSING, "name": "x" * 2001}],
    "a number without end": ["imports_missing", {**MISSING, "line": 1 << 70}],
    "names that are none": ["imports_missing", {1: 3, None: "x", (): "y"}],
    "as many as there can be": ["imports_missing", {str(number): number for number in range(10_000)}],
}


@pytest.mark.parametrize("what", FORGED)
def test_what_is_forged_counts_for_nothing(what: str) -> None:
    raised = as_raised(KINDS, "in other words", 5, FORGED[what])
    assert raised.reason == Reason("raised", {"kind": "ImportError", "text": "in other words", "line": 5})


def test_names_of_arguments_are_ours() -> None:
    said = ["imports_missing", {np.str_(name): value for name, value in MISSING.items()}]
    within = as_raised(KINDS, "", None, said).reason.arguments["text"]
    assert isinstance(within, Reason)
    assert {type(name) for name in within.arguments} == {str}


def test_what_is_not_written_yet_and_what_has_no_name_are_told_as_such() -> None:
    assert as_raised(["NotImplementedError"], "", 4).reason == Reason("not_written", {"line": 4})
    assert as_raised([7], "x", 1 << 31).reason == Reason("raised_unnamed", {"text": "x", "line": 0})


def test_what_was_raised_is_the_nearest_built_in_of_its_first_fifty_kinds() -> None:
    for many, base in ((48, True), (49, False)):
        raised = as_raised(["Own", *["More"] * many, "ValueError"], "x", 3)
        assert isinstance(raised, ValueError) is base
        assert raised.kind == "Own"


def test_the_name_of_a_built_in_that_a_learner_took_is_only_a_name() -> None:
    raised = as_raised(["KeyError", "Exception", "BaseException", "object"], "x", 3)
    assert not isinstance(raised, KeyError)
    assert str(raised.reason.arguments["kind"]) == "KeyError"


@pytest.mark.parametrize(("line", "told"), [(0, 0), (1, 1), ((1 << 31) - 1, (1 << 31) - 1), (1 << 31, 0), (True, 0)])
def test_a_line_is_a_number_that_a_file_may_have(line: int, told: int) -> None:
    assert as_raised(["Own"], "x", line).reason.arguments["line"] == told


def test_what_was_raised_has_its_text_for_whoever_catches_it() -> None:
    assert as_raised(["ValueError"] * 2, "no luck", 3).args == ("no luck",)


def test_a_code_is_readable_for_staff() -> None:
    assert str(Coded("value_too_large", bytes=3, of="x")) == "value too large (bytes 3, of x)"
    assert str(Coded("not_a_frame")) == "not a frame"


def test_an_argument_of_the_longest_text_is_accepted() -> None:
    raised = as_raised(KINDS, "in other words", None, ["imports_missing", {**MISSING, "name": "x" * 2000}])
    assert raised.reason.arguments["text"] == Reason("imports_missing", {**MISSING, "name": "x" * 2000})


def test_what_a_check_meets_has_words_for_staff() -> None:
    assert str(SaidNo(Reason("object_is_gone"))) == "object is gone"
    assert str(CannotCross(Coded("value_too_large", bytes=3))) == "value too large (bytes 3)"
