"""Calls sent ahead change no verdict, whatever follows them, whoever dies of them, whoever isn't asked in the end."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from grader.content.catalog import read_kata
from grader.grading.judge_process import Judge
from grader.judge.call_traces import TraceRecorder, frame_of, record
from grader.judge.messages import Request
from grader.judge.pipelining import Pipeline
from grader.model import Done, Job, Kata, KataReport, Limits, Outcome
from grader.reports.verdicts import account
from grader.sandbox.backends import registry

KATAS = Path(__file__).with_name("katas")
ECHO = read_kata(KATAS / "exercises/machine/echo.py", KATAS / "checks")
RIGHT = ECHO.reference.read_bytes()
BRIEF = Limits(call_seconds=0.5, submission_seconds=8.0, patience=2.0)


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    judge = Judge()
    yield judge
    judge.close()


@pytest.fixture
def practised(judge: Judge, fresh: Kata) -> Kata:
    """A kata of which so much has been judged that calls are sent ahead."""
    kata = msgspec.structs.replace(fresh, title=f"{fresh.title}, practised")
    for _ in range(3):
        judged(judge, kata, RIGHT)
    return kata


@pytest.fixture
def fresh(request: pytest.FixtureRequest) -> Kata:
    """A kata of which nothing has been judged: another title makes it another kata, with a session of its own."""
    return msgspec.structs.replace(ECHO, title=request.node.name)


def judged(judge: Judge, kata: Kata, code: bytes) -> KataReport:
    *_, done = judge.events(Request(kata, Job(kata.id, code, registry.resolve("auto"), limits=BRIEF)))
    assert isinstance(done, Done)
    assert done.report.fault == ""
    return done.report


DIE = "__import__('os')._exit(3)"
OTHERWISE = {
    "right": "return value",
    "always wrong": "return 0",
    "wrong now and then": "return None if value == [7] or value and value[0] > 50 else value",
    "raises now and then": "if len(value) > 3: raise KeyError(3)\n    return value",
    "dies now and then": f"if len(value) == 4: {DIE}\n    return value",
    "hangs now and then": "while len(value) == 4: pass\n    return value",
    "dies behind what is wrong": f"if len(value) == 1: return 'no'\n    if len(value) == 2: {DIE}\n    return value",
    "answers an object": "return type('Own', (list,), {})(value)",
}


OUTCOMES = {
    "always wrong": Outcome.FAILED,
    "wrong now and then": Outcome.FAILED,
    "raises now and then": Outcome.RAISED,
    "dies now and then": Outcome.CRASHED,
    "hangs now and then": Outcome.TIMED_OUT,
    "dies behind what is wrong": Outcome.FAILED,
    "answers an object": Outcome.FAILED,
}


def code_of(what: str) -> bytes:
    """The reference, but for lists of up to six numbers."""
    return (
        RIGHT
        + (
            b"\n_right = echo\ndef echo(value):\n    return other(value) if type(value) is list and len(value) < 7"
            b" else _right(value)\ndef other(value):\n    "
        )
        + OTHERWISE[what].encode()
    )


@pytest.mark.parametrize("what", OTHERWISE)
def test_verdicts_are_the_same(what: str, judge: Judge, practised: Kata, fresh: Kata) -> None:
    told = [
        [(verdict.check, verdict.outcome, account(verdict)) for verdict in judged(judge, kata, code_of(what)).verdicts]
        for kata in (practised, fresh)
    ]
    assert told[0] == told[1]
    assert {outcome for _, outcome, _ in told[0]} == {Outcome.PASSED, *([OUTCOMES[what]] if what in OUTCOMES else [])}


def test_the_next_submission_is_none_the_worse(judge: Judge, practised: Kata) -> None:
    judged(judge, practised, code_of("dies now and then"))
    assert {verdict.outcome for verdict in judged(judge, practised, RIGHT).verdicts} == {Outcome.PASSED}


def frames(*names: str) -> list[bytes]:
    found = [frame_of(name, (1,), {}) for name in names]
    assert None not in found
    return found


def test_more_are_sent_each_time_and_each_once() -> None:
    trace = [frames(f"f{number}", "g") for number in range(8)]
    pipeline, sent = Pipeline(trace), []
    for number, (first, second) in enumerate(trace):
        pipeline.begin_example(number)
        if not pipeline.pop_if_next(first):
            sent.append(pipeline.batch(first))
            assert pipeline.pop_if_next(first)
        assert pipeline.pop_if_next(second)
    assert [batch.count(b"name") for batch in sent] == [2, 4, 8, 2]
    assert pipeline.unread == 0


def test_another_call_is_not_what_was_sent() -> None:
    trace = [frames("f", "g"), frames("f", "g"), frames("f", "g"), frames("f", "g")]
    pipeline = Pipeline(trace)
    pipeline.begin_example(0)
    assert pipeline.batch(trace[0][0])
    assert pipeline.pop_if_next(trace[0][0])
    assert not pipeline.pop_if_next(frames("h")[0])
    pipeline.begin_example(1)
    assert pipeline.pop_outdated()
    assert not pipeline.pop_outdated()
    assert pipeline.batch(trace[1][0])
    assert pipeline.unread == 4
    assert not pipeline.pop_if_next(frames("h")[0])
    pipeline.forget()
    assert not pipeline.batch(trace[1][0])
    pipeline.begin_example(2)
    assert pipeline.batch(trace[2][0])


def test_what_cannot_be_predicted_ends_the_trace() -> None:
    recorder = TraceRecorder("kata", "def f(x): return x\ndef g(x): return object()\n")
    runs = [
        lambda: recorder.call(None, "f", (1,), {}),
        lambda: recorder.call(None, "g", (1,), {}),
        lambda: recorder.call(None, "f", (2,), {}),
    ]
    assert record(recorder, runs) == [frames("f")]
    assert record(recorder, [lambda: recorder.keep(3)]) == []
    assert record(recorder, [lambda: recorder.call(None, "f", (lambda: 3,), {})]) == []
