"""Hostile texts: what a parser, a compiler or a decoder of text may choke on fails, or is right, as any other."""

from collections.abc import Iterator

import pytest

from grader.grading.judge_process import Judge
from grader.judge.messages import Request
from grader.model import Job, Limits, Outcome, Status

LIMITS = Limits(call_seconds=2.0, submission_seconds=4.0, patience=3.0)
LARGEST = 256 * 1024

WRONG = {
    "50,000 parentheses": b"x = " + b"(" * 50_000 + b")" * 50_000,
    "50,000 brackets": b"x = " + b"[" * 50_000 + b"]" * 50_000,
    "200 kB of minus signs": b"x = " + b"-" * 200_000 + b"1",
    "200 kB of not": b"x = " + b"not " * 50_000 + b"1",
    "60,000 attributes": b"x = a" + b".a" * 60_000,
    "60,000 calls": b"x = a" + b"()" * 60_000,
    "30,000 lambdas": b"x = " + b"lambda:" * 30_000 + b"0",
    "40,000 sums": b"x = " + b"a+" * 40_000 + b"a",
    "30,000 powers": b"x = " + b"1**" * 30_000 + b"1",
    "19,000 alternatives": b"if a: pass\n" + b"elif a: pass\n" * 19_000,
    "15,000 branches": b"x = " + b"1 if a else " * 15_000 + b"1",
    "120 indentations": b"".join(b" " * level + b"if 1:\n" for level in range(120)),
    "95 functions in functions": b"".join(b" " * level + b"def f():\n" for level in range(95)),
    "60,000 decorators": b"@a\n" * 60_000 + b"def f(): pass",
    "100,000 digits": b"x = " + b"9" * 100_000,
    "a power of powers": b"x = 9 ** 9 ** 9 ** 9",
    "a shift": b"x = 1 << (1 << 40)",
    "a text of 100 GB": b"x = 'x' * 100 * 1000 ** 3",
    "a tuple of 100 GB": b"x = (0,) * 100 * 1000 ** 3",
    "nested f-strings": b"x = " + b"f'{" * 200 + b"0" + b"}'" * 200,
    "null bytes": b"x = 1\0\n",
    "nothing but null bytes": b"\0" * 1000,
    "half of a character": b"x = '\xe4\xb8'",
    "UTF-16": "def echo(value): return value\n".encode("utf-16"),
    "UTF-32": "def echo(value): return value\n".encode("utf-32"),
    "Latin-1 that says so": "# coding: latin-1\nx = 'é'\n".encode("latin-1"),
    "UTF-7 that hides an import": b"# coding: utf-7\n+AGkAbQBwAG8AcgB0ACAAcwBrAGwAZQBhAHIAbg-\n",
    "a coding that turns letters round": b"# coding: rot13\ndef echo(value): return value\n",
    "a coding that unpacks": b"# coding: zlib\nx\x9c\x03\0\0\0\0\x01",
    "a coding that reads hexadecimal": b"# coding: hex\n646566\n",
    "escapes that hide an import": b"# coding: unicode_escape\n\\u0069mport sklearn\n",
    "a coding whose name is a path": b"# coding: ../../x\n",
    "a coding of 200 kB": b"# coding: " + b"x" * 200_000 + b"\n",
    "two encodings": b"\xef\xbb\xbf# coding: gbk\n",
    "UTF-16 without its mark": "def echo(value): return value\n".encode("utf-16-le"),
    "an unknown encoding": b"# coding: klingon\nx = '\xff'\n",
    "braces": b"from __future__ import braces",
    "a lone surrogate": b"x = '\xed\xa0\x80'",
    "a name of 200 kB": b"x" * 200_000,
    "backslashes": b"\\\n" * 100_000,
    "form feeds": b"\f" * 200_000 + b"(",
    "quotes": b"'" * 100_001,
    "no end": b'"""',
    "nothing": b"",
    "noise": bytes(range(256)) * 1000,
}
RIGHT = {
    "a byte order mark": lambda code: b"\xef\xbb\xbf" + code,
    "Windows line ends": lambda code: code.replace(b"\n", b"\r\n"),
    "old Macintosh line ends": lambda code: code.replace(b"\n", b"\r"),
    "GBK that says so": lambda code: b"# -*- coding: gbk -*-\n# \xce\xb0\xb4\xf3\n" + code,
    "GBK that says so in the same line": lambda code: b"# coding=gbk \xce\xb0\n" + code,
    "Latin-1 in the second line": lambda code: b"#!/usr/bin/python\n# coding: latin-1 \xeb\n" + code,
    "a coding in the third line": lambda code: b"\n\n# coding: klingon\n" + code,
    "256 kB": lambda code: code + b"#" * (LARGEST - len(code)),
    "no last line end": lambda code: code.rstrip(),
    "its own documentation": lambda code: b'"""Hello."""\n' + code,
}


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    judge = Judge()
    yield judge
    judge.close()


@pytest.mark.parametrize("name", WRONG)
def test_hostile_source_fails_and_the_next_passes(judge, graded, echo, confined, name: str) -> None:
    assert len(WRONG[name]) <= LARGEST
    report = graded(judge, Request(echo, Job(echo.id, WRONG[name], confined, limits=LIMITS)))
    assert report.fault == ""
    assert report.status is Status.FAILED
    assert {verdict.outcome for verdict in report.verdicts} & {Outcome.PASSED} == set()
    assert graded(judge, Request(echo, Job(echo.id, echo.reference.read_bytes(), confined))).status is Status.PASSED


@pytest.mark.parametrize("name", RIGHT)
def test_hostile_looking_source_is_judged_by_what_it_does(judge, graded, echo, confined, name: str) -> None:
    report = graded(judge, Request(echo, Job(echo.id, RIGHT[name](echo.reference.read_bytes()), confined)))
    assert report.fault == ""
    assert report.status is Status.PASSED
