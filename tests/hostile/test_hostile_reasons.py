"""A worker that forges reasons: whoever owns it gains words about their own file, and nothing else."""

from collections.abc import Iterator

import pytest

from grader.grading.judge_process import Judge
from grader.judge.messages import Request
from grader.model import Job, KataReport, Limits, Outcome, Report, Status
from grader.reports import json_file
from grader.reports.verdicts import account

LIMITS = Limits(call_seconds=2.0, submission_seconds=8.0, patience=3.0)
TEXT = "\x1b[2J\x1b[31m[bold]passed[/bold]\u202e {0.__class__} [line {line}]"
FORGERY = """
import os, sys
wire = sys.modules["grader.protocol.wire"]
nan, inf = float("nan"), float("inf")

def echo(value):
    while True:
        reply = {{"raised": ["AssertionError", "ImportError"], "message": {text!r}, "line": 9, "said": {said}}}
        for part in wire.Encoder(caps=wire.TRUSTED).frame(reply):
            view = memoryview(part)
            while view:
                view = view[os.write(3, view) :]
        os.read(3, 1 << 24)

apply = count = Shelf = echo
"""
MISSING = {"line": 1, "name": TEXT, "file": TEXT}
FORGED = {
    "a code of no one's": ["passed", {}],
    "a code of the judge's": ["different_answers", {}],
    "a check's words": ["check_says", {"text": TEXT}],
    "a code of the reader's": ["not_a_table", {}],
    "a fault": ["not_handed_in", {"file": TEXT, "ignored": TEXT}],
    "not a number": ["imports_missing", MISSING | {"line": float("nan")}],
    "without end": ["imports_missing", MISSING | {"line": float("inf")}],
    "a large number": ["imports_missing", MISSING | {"line": 1 << 60}],
    "a huge number": ["imports_missing", MISSING | {"line": 1 << 4000}],
    "a huge text": ["imports_missing", MISSING | {"name": "x" * 100_000}],
    "too few": ["imports_missing", {"line": 1}],
    "many": ["imports_missing", dict.fromkeys(map(str, range(500)), 1)],
    "odd names": ["imports_missing", {None: 1, (): 2, 3: 4}],
    "one in another": ["imports_missing", MISSING | {"name": ["imports_missing", MISSING]}],
    "one that looks decoded": ["imports_missing", MISSING | {"name": {"code": "passed", "arguments": {}}}],
    "no list": 7,
}


HEAD = """
import os, struct

def echo(value):
    while True:
        os.write(3, struct.pack("<2sHI", b"KT", {many}, 1) + b"x" + struct.pack("<Q", {size}) * {many})
        os.read(3, 1 << 24)

apply = count = Shelf = echo
"""


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    judge = Judge()
    yield judge
    judge.close()


def forged(said: object) -> bytes:
    return FORGERY.format(text=TEXT, said=repr(said)).encode()


def is_harmless(text: str) -> bool:
    return all(char.isprintable() or char == "\n" for char in text)


def in_json(found: KataReport) -> str:
    facts = Report("mallory", "0" * 64, found.status, "bare", 0, "", 0.0, (found,))
    return json_file.render(facts)


@pytest.mark.parametrize("what", FORGED)
def test_a_forged_reason_counts_for_nothing(judge, graded, echo, confined, what: str) -> None:
    found = graded(judge, Request(echo, Job(echo.id, forged(FORGED[what]), confined, limits=LIMITS)))
    assert found.fault == ""
    assert found.status is Status.FAILED
    raised = [verdict for verdict in found.verdicts if verdict.outcome is Outcome.RAISED]
    assert raised
    for verdict in raised:
        assert verdict.reason is not None
        assert verdict.reason.code == "raised"
        assert type(verdict.reason.arguments["text"]) is str
        assert "[bold]passed[/bold]" in verdict.reason.arguments["text"]
    assert all(is_harmless(account(verdict)) for verdict in found.verdicts)
    assert len(in_json(found)) < 100_000


def test_a_reason_that_a_worker_may_say_is_told_as_data(judge, graded, echo, confined) -> None:
    found = graded(judge, Request(echo, Job(echo.id, forged(["imports_missing", MISSING]), confined, limits=LIMITS)))
    assert (found.fault, found.status) == ("", Status.FAILED)
    told = {account(verdict) for verdict in found.verdicts if verdict.outcome is Outcome.RAISED}
    assert any("line 1 imports" in words and "[bold]passed[/bold]" in words for words in told)
    assert all(is_harmless(words) for words in told)
    assert all("{0.__class__} [line {line}]" in words for words in told)


@pytest.mark.parametrize(("many", "size"), [(1, 1 << 53), (1, (1 << 64) - 1), (1000, (1 << 64) - 1)])
def test_a_number_that_no_reader_takes_is_no_fault_of_ours(judge, graded, echo, confined, many: int, size: int) -> None:
    found = graded(
        judge, Request(echo, Job(echo.id, HEAD.format(many=many, size=size).encode(), confined, limits=LIMITS))
    )
    assert found.fault == ""
    (reason, *_) = {verdict.reason for verdict in found.verdicts if verdict.outcome is Outcome.CRASHED}
    assert reason is not None
    (within,) = reason.arguments.values()
    assert (reason.code, within.code) == ("answer_unreadable", "buffers_too_large")


def test_the_next_submission_is_judged_as_if_nothing_had_been(judge, graded, echo, confined) -> None:
    assert graded(judge, Request(echo, Job(echo.id, echo.reference.read_bytes(), confined))).status is Status.PASSED
