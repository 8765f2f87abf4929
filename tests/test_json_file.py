"""The JSON report: its shape, its bytes, and that no text can break it."""

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader import reports
from grader.model import Check, Group, KataReport, Outcome, Reason, Report, Status, Verdict, Versions
from grader.reports import json_file

SCHEMA = json.loads((Path(reports.__file__).parent / "report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
# Every code point, lone surrogates too.
anything = st.text(st.characters(codec=None, exclude_categories=()))


def made(text: str) -> Report:
    """A report with this text wherever a text of others' may stand."""
    reason = Reason("wrong_kind", {"kind": text, "text": Reason("check_says", {"text": text})})
    verdict = Verdict("test_a", Outcome.FAILED, call=text, returned=text, expected=text, reason=reason)
    failed = KataReport("t/a", Status.FAILED, (Check("test_a", text, Group.EDGES, 3),), (verdict,))
    faulty = KataReport("t/b", Status.ERROR, fault=text)
    return Report(
        submission=text,
        sha256="0" * 64,
        status=Status.ERROR,
        isolation="bare",
        seed=1,
        started="2026-01-31T08:05:09+00:00",
        seconds=1.0,
        katas=(failed, faulty),
        name=text,
        missing=("t/a",),
        ignored=(text,),
        versions=Versions("Linux", {"grader": "1"}),
        hashes={"t/a": "1" * 64, "t/b": "2" * 64},
    )


@pytest.mark.parametrize("name", ["passing", "failing", "faulty", "unreadable", "lacking"])
def test_looks_as_ever(name: str, request: pytest.FixtureRequest, golden: Callable[[str, str], None]):
    text = json_file.render(request.getfixturevalue(name))
    VALIDATOR.validate(json.loads(text))
    golden(f"{name}.json", text + "\n")


def test_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_keys_stand_in_order(failing: Report):
    facts = json.loads(json_file.render(failing))
    assert " ".join(facts) == (
        "schema submission name sha256 status isolation certified seed limit_scale versions platform started seconds "
        "score missing ignored katas"
    )
    assert " ".join(facts["katas"][0]) == "kata sha256 status score seconds cpu_seconds limits checks"
    assert (
        " ".join(facts["katas"][0]["checks"][0])
        == "name says group points earned outcome call returned expected reason reason_code reason_arguments seconds"
    )


def test_every_planned_check_is_listed_in_the_order_of_the_plan(failing: Report):
    checks = json.loads(json_file.render(failing))["katas"][0]["checks"]
    assert [check["name"] for check in checks] == [check.name for check in failing.katas[0].checks]
    assert checks[-1] == checks[-1] | {"outcome": "not_run", "earned": 0, "reason": "", "seconds": 0.0}


def test_what_was_asked_came_back_and_was_expected_stand_apart_and_together_in_the_reason(failing: Report):
    checks = {check["name"]: check for check in json.loads(json_file.render(failing))["katas"][0]["checks"]}
    refuses = checks["test_refuses"]
    assert (refuses["call"], refuses["returned"]) == ("predict(np.array([1., 2.]), 0, 0, k=-1)", "1.5")
    assert refuses["expected"] is None
    assert refuses["reason"] == "predict(np.array([1., 2.]), 0, 0, k=-1)\nreturned: 1.5\ndid not raise"
    assert checks["test_golden"]["expected"] == "-0.9819805060619657"
    assert {checks["test_nobody"][part] for part in ("call", "returned", "expected")} == {None}


@pytest.mark.parametrize(("difference", "valid"), [({"kind": "order"}, True), (None, True), ("order", False)])
def test_schema_has_room_for_the_difference(difference: object, valid: bool, failing: Report):
    facts = json.loads(json_file.render(failing))
    facts["katas"][0]["checks"][2]["difference"] = difference
    assert VALIDATOR.is_valid(facts) is valid


@pytest.mark.parametrize("part", ["call", "returned", "expected"])
def test_schema_wants_each_part_of_a_reason(part: str, failing: Report):
    facts = json.loads(json_file.render(failing))
    del facts["katas"][0]["checks"][0][part]
    assert not VALIDATOR.is_valid(facts)


def test_a_reason_is_told_in_words_and_as_a_code_with_arguments(failing: Report):
    checks = {check["name"]: check for check in json.loads(json_file.render(failing))["katas"][0]["checks"]}
    raised = checks["test_weights"]
    assert raised["reason"].endswith("ZeroDivisionError: division by zero")
    assert raised["reason_code"] == "raised"
    assert raised["reason_arguments"] == {"kind": "ZeroDivisionError", "text": "division by zero", "line": 0}
    assert (checks["test_names"]["reason_code"], checks["test_names"]["reason_arguments"]) == (None, {})


def test_a_reason_in_a_reason_is_told_as_one():
    (check,) = json.loads(json_file.render(made("a")))["katas"][0]["checks"]
    within = {"code": "check_says", "arguments": {"text": "a"}}
    assert check["reason_arguments"] == {"kind": "a", "text": within}


def test_a_fault_is_told_and_has_no_score(faulty: Report):
    facts = json.loads(json_file.render(faulty))
    assert facts["score"] is None
    assert facts["fault"] == "recommendation/item_cf: the judge's process ended unexpectedly"
    assert [(kata["score"], "fault" in kata) for kata in facts["katas"]] == [
        (None, True),
        ({"earned": 10, "possible": 10}, False),
    ]


def test_an_unreadable_submission_has_a_sentence_and_no_score(unreadable: Report):
    facts = json.loads(json_file.render(unreadable))
    assert (facts["status"], facts["score"], facts["sha256"], facts["katas"]) == ("unreadable", None, None, [])
    assert facts["reason"] == unreadable.reason
    assert not VALIDATOR.is_valid({key: value for key, value in facts.items() if key != "reason"})
    assert not VALIDATOR.is_valid(facts | {"score": {"earned": 0, "possible": 0}})
    assert not VALIDATOR.is_valid(facts | {"status": "passed"})


def test_a_kata_that_is_missing_counts_with_all_its_points(lacking: Report):
    facts = json.loads(json_file.render(lacking))
    assert facts["missing"] == ["recommendation/user_cf"]
    assert facts["score"] == {"earned": 10, "possible": 63}


def test_seconds_are_rounded(failing: Report):
    facts = json.loads(json_file.render(failing))
    assert (facts["seconds"], facts["katas"][1]["checks"][1]["seconds"]) == (6.512, 0.123)


def test_what_is_for_staff_stays_out(failing: Report):
    assert "hidden file" not in json_file.render(failing)


@given(anything)
@example("\ud800")
def test_no_text_can_break_it(text: str):
    line = json_file.render(made(text))
    assert line.isascii()
    assert len(line.splitlines()) == 1
    facts = json.loads(line)
    VALIDATOR.validate(facts)
    json.dumps(facts, ensure_ascii=False).encode("utf-8")


@given(st.text(st.characters(codec="utf-8")))
def test_text_comes_back_as_it_was(text: str):
    facts = json.loads(json_file.render(made(text)))
    assert (facts["submission"], facts["katas"][1]["fault"]) == (text, text)
    check = facts["katas"][0]["checks"][0]
    assert (check["call"], check["returned"], check["expected"]) == (text or None,) * 3


@pytest.mark.parametrize(
    "change",
    [
        {"status": "passed"},
        {"score": {"earned": 1, "possible": 2}},
        {"extra": 1},
        {"isolation": "auto"},
        {"sha256": "x"},
        {"started": "yesterday"},
    ],
)
def test_schema_says_no(change: dict[str, object], faulty: Report):
    facts = json.loads(json_file.render(faulty))
    assert not VALIDATOR.is_valid(facts | change)


def test_schema_wants_the_fault_of_an_error(faulty: Report):
    facts = json.loads(json_file.render(faulty))
    del facts["katas"][0]["fault"]
    assert not VALIDATOR.is_valid(facts)


def test_a_number_that_json_lacks_is_refused(passing: Report):
    with pytest.raises(ValueError, match="JSON"):
        json_file.render(msgspec.structs.replace(passing, seconds=float("inf")))
