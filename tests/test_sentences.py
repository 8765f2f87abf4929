"""Every reason that the grader may give has its sentence, in each language, and each sentence has its reason."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import grader
from grader.model import Reason
from grader.model.reasons import REASONS, fits
from grader.protocol import codes
from grader.sandbox.inside import errors
from grader.sentences import ENGLISH, Catalogue
from grader.sentences.catalogue import fields

CATALOGUES = (ENGLISH,)
DECLARED = {**REASONS, **codes.UNSENDABLE, **codes.UNREADABLE, **codes.WORKER}
CODED = {"Reason", "WireError", "Garbled", *(name for name, kind in vars(errors).items() if isinstance(kind, type))}
"""What is made of a code and its arguments."""
PACKAGE = Path(grader.__file__).parent
SAMPLES = {str: "text", int: 3, float: 1.5, Reason: Reason("not_a_table")}


class Use(NamedTuple):
    """A place in the grader's text where a reason is made."""

    where: str
    code: str
    names: frozenset[str] | None
    """Of its arguments; None where they can't be read off."""


def uses() -> Iterator[Use]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if "katas" in path.relative_to(PACKAGE).parts or "checks" in path.relative_to(PACKAGE).parts[:-1]:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and name_of(node.func) in CODED and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield Use(f"{path.name}:{node.lineno}", str(first.value), names_of(node))


def name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def names_of(call: ast.Call) -> frozenset[str] | None:
    if len(call.args) > 1:
        (_, given) = call.args
        return frozenset(ast.literal_eval(key) for key in given.keys if key) if isinstance(given, ast.Dict) else None
    names = [keyword.arg for keyword in call.keywords]
    return None if None in names else frozenset(name for name in names if name)


USES = list(uses())


def sample(code: str) -> Reason:
    kinds = {name: kind[0] if isinstance(kind, tuple) else kind for name, kind in DECLARED[code].items()}
    return Reason(code, {name: SAMPLES[kind] for name, kind in kinds.items()})


def test_no_code_is_declared_twice() -> None:
    assert len(DECLARED) == sum(map(len, (REASONS, codes.UNSENDABLE, codes.UNREADABLE, codes.WORKER)))


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda catalogue: catalogue.language)
def test_every_code_has_a_sentence_and_every_sentence_a_code(catalogue: Catalogue) -> None:
    assert catalogue.sentences.keys() == DECLARED.keys()


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda catalogue: catalogue.language)
@pytest.mark.parametrize("code", DECLARED)
def test_a_sentence_has_a_place_for_each_argument_and_for_nothing_else(code: str, catalogue: Catalogue) -> None:
    assert fields(catalogue.sentences[code]) == DECLARED[code].keys()


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda catalogue: catalogue.language)
@pytest.mark.parametrize("code", DECLARED)
def test_a_sentence_takes_arguments_of_the_types_that_are_declared(code: str, catalogue: Catalogue) -> None:
    reason = sample(code)
    words = catalogue.sentence(reason)
    assert fits(reason, DECLARED)
    assert words != code
    assert [name for name in reason.arguments if f"{name}=" in words] == []
    assert not set("{}[]") & set(words)


def test_every_reason_that_is_given_is_declared_with_its_arguments() -> None:
    assert len(USES) > 100
    assert [use for use in USES if use.code not in DECLARED] == []
    assert [use for use in USES if use.names is not None and use.names != DECLARED[use.code].keys()] == []
    assert len([use for use in USES if use.names is None]) < 8


def test_every_reason_that_is_declared_is_given() -> None:
    assert DECLARED.keys() - {use.code for use in USES} == set()


def test_a_part_in_brackets_is_left_out_where_there_is_nothing_to_say() -> None:
    def said(text: str, line: int) -> str:
        return ENGLISH.sentence(Reason("raised", {"kind": "ValueError", "text": text, "line": line}))

    assert said("too short", 7) == "ValueError: too short (line 7 of your file)"
    assert said("too short", 0) == "ValueError: too short"
    assert said("", 7) == "ValueError (line 7 of your file)"
    assert said("", 0) == "ValueError"


def test_a_reason_may_hold_another() -> None:
    late = Reason("no_answer_in_time", {"seconds": 3.0})
    assert ENGLISH.sentence(Reason("loading_too_slow", {"why": late})).startswith("no answer within 3 s: loading the")


@pytest.mark.parametrize("text", ["{kind}", "{0.__class__}", "[a {b} c]", "%s", "}{", "[line {line}]"])
def test_an_argument_is_never_taken_for_a_sentence(text: str) -> None:
    reason = Reason("raised", {"kind": text, "text": text, "line": 0})
    assert ENGLISH.sentence(reason) == f"{text}: {text}"


values = st.recursive(
    st.text() | st.integers() | st.floats(),
    lambda inner: st.builds(Reason, st.sampled_from(list(DECLARED)), st.dictionaries(st.text(), inner)),
)


@given(st.sampled_from([*DECLARED, "no_such_code"]), st.dictionaries(st.text(), values), values)
def test_a_reason_that_does_not_fit_is_still_told(code: str, more: dict[str, object], value: object) -> None:
    arguments = more | dict.fromkeys(DECLARED.get(code, ()), value)
    assert isinstance(ENGLISH.sentence(Reason(code, arguments)), str)
