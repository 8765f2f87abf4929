"""Jobs whose checks go wrong: checks are trusted, run in a judge's processes, and can break there what they like."""

from pathlib import Path

from grader.content.catalog import read_kata
from grader.grading.judge_process import Judge
from grader.judge.messages import Request
from grader.model import Done, Event, Job, Kata, KataReport
from grader.sandbox.backends import registry

KATAS = Path(__file__).parents[1] / "katas"
STUB = KATAS / "exercises/machine/echo.py"
ECHO = read_kata(STUB, KATAS / "checks")
RIGHT = ECHO.reference.read_bytes()
CHECKS = '''
"""Checks that go wrong."""

import os
import signal
from pathlib import Path

import pytest

from echo import echo


def once(mark):
    """Whether this has not happened before."""
    try:
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


@pytest.mark.examples(spec="A1")
def test_before():
    """It echoes."""
    assert echo(1) == 1


@pytest.mark.examples(spec="A1")
def test_here():
    """It echoes here."""
    assert echo(2) == 2
    {here}


@pytest.mark.edges(spec="A1")
def test_after():
    """It echoes after."""
    assert echo(3) == 3


{broken}
'''


def job(kata: Kata, code: bytes = RIGHT, **how: object) -> Request:
    return Request(kata, Job(kata.id, code, registry.resolve("auto"), **how))


def events(judge: Judge, asked: Request) -> list[Event]:
    return list(judge.events(asked))


def report(judge: Judge, asked: Request) -> KataReport:
    *_, done = events(judge, asked)
    assert isinstance(done, Done)
    return done.report
