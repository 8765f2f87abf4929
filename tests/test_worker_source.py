"""From bytes to code: what Python reads is read, and what it can't read is told in one sentence with its line."""

import re
import sys

import pytest

from grader.protocol.errors import reason_of
from grader.sandbox.inside.errors import SourceError
from grader.sandbox.inside.source import compiled, text_of
from grader.sentences import ENGLISH


def told(error: SourceError) -> str:
    """What the learner reads."""
    return ENGLISH.sentence(reason_of(error))


READ = {
    "UTF-8": "x = 'é'\n".encode(),
    "a mark of UTF-8": b"\xef\xbb\xbf" + "x = 'é'\n".encode(),
    "a mark and a cookie that agree": b"\xef\xbb\xbf# coding: utf8\n" + "x = 'é'\n".encode(),
    "latin-1": b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
    "latin-1 after a mark of the system": b"#!/usr/bin/env python\n# vim: set fileencoding=iso-8859-15 :\nx = '\xe9'\n",
    "cp1252": b"\n# coding=cp1252\nx = '\xe9'\n",
    "old line ends": b"\r# coding=cp1252\rx = '\xe9'\r",
}


@pytest.mark.parametrize("name", READ)
def test_text_in_any_declared_encoding_is_read(name: str) -> None:
    space: dict[str, object] = {}
    exec(compiled(text_of(READ[name]), "x.py"), space)
    assert space["x"] == "é"


def test_chinese_encodings_are_read() -> None:
    for encoding in ("gbk", "gb18030", "gb2312", "big5", "utf-8"):
        assert "协同".replace("协", "中") in text_of(f"# coding: {encoding}\n# 中同\n".encode(encoding))


def test_a_cookie_counts_only_where_python_looks_for_it() -> None:
    assert text_of(b"x = 1\n# coding: klingon\n") == "x = 1\n# coding: klingon\n"
    assert text_of(b"\n\n# coding: klingon\n") == "\n\n# coding: klingon\n"


SAVE = "save the file as UTF-8"
TOLD = {
    "UTF-16": ("x = 1\n".encode("utf-16"), f"the file is in UTF-16, which Python doesn't read: {SAVE}"),
    "UTF-16 big end first": (b"\xfe\xff" + "x = 1\n".encode("utf-16-be"), "UTF-16"),
    "UTF-16 without a mark": ("x = 1\n".encode("utf-16-be"), "UTF-16"),
    "UTF-32": ("x = 1\n".encode("utf-32"), f"the file is in UTF-32, which Python doesn't read: {SAVE}"),
    "a NUL": (b"x = 1\n\ny = '\0'\n", f"line 3 holds a NUL byte, which no text has: {SAVE}"),
    "bytes of another encoding": (b"x = 1\ny = '\xe9'\n", f"line 2 holds the byte 0xe9, which isn't UTF-8: {SAVE}"),
    "bytes of no encoding": (
        b"# coding: ascii\ny = '\xe9'\n",
        f"line 2 holds the byte 0xe9, which isn't ascii: {SAVE}",
    ),
    "klingon": (b"\n# coding: klingon\n", f"line 2 names the encoding klingon, which Python doesn't know: {SAVE}"),
    "mark against cookie": (
        b"\xef\xbb\xbf# coding: gbk\n",
        "mark of UTF-8, but line 1 names another encoding: remove that line",
    ),
}


@pytest.mark.parametrize("name", TOLD)
def test_text_that_python_cannot_read_is_told(name: str) -> None:
    code, sentence = TOLD[name]
    with pytest.raises(SourceError) as error:
        text_of(code)
    assert sentence in told(error.value)


OTHERWISE = """
    rot13 zlib bz2 hex base64 uu quopri utf-7 utf-16 utf-32 idna punycode unicode_escape raw-unicode-escape undefined
    cp037 hz iso2022_jp
"""


@pytest.mark.parametrize("name", OTHERWISE.split())
def test_an_encoding_in_which_ascii_is_something_else_is_refused(name: str) -> None:
    with pytest.raises(SourceError) as error:
        text_of(f"# coding: {name}\nx = 1\n".encode())
    assert told(error.value).startswith(f"line 1 names {name}, which is no encoding of a program")


def test_a_syntax_error_names_the_line_and_this_python() -> None:
    with pytest.raises(SourceError) as error:
        compiled("x = 1\ndef f(:\n", "x.py")
    words = rf"line 2: .*; this grader runs Python 3\.{sys.version_info.minor}"
    assert re.fullmatch(words, told(error.value))


NEWER = {
    "type Row = list[int]": 12,
    "def first[T](x: T): pass": 12,
    "class Box[T]: pass": 12,
    'x = f"{"a"}"': 12,
    "try: pass\nexcept ValueError, KeyError: pass": 14,
    "x = t'{1}'": 14,
}


@pytest.mark.parametrize(("line", "since"), NEWER.items())
def test_newer_syntax_is_told_as_such(line: str, since: int) -> None:
    if sys.version_info.minor >= since:
        compiled(line, "x.py")
        return
    with pytest.raises(SourceError) as error:
        compiled(line, "x.py")
    assert re.search(r"this grader runs Python 3\.\d+, and newer syntax is not read", told(error.value))


@pytest.mark.parametrize(
    "code",
    ["(" * 500 + ")" * 500, "-" * 100_000 + "1", "a" + ".a" * 50_000, "x = " + "9" * 50_000, "lambda:" * 30_000 + "0"],
)
def test_what_is_too_deep_or_too_large_is_one_sentence(code: str) -> None:
    try:
        compiled(code, "x.py")
    except SourceError as error:
        assert "\n" not in told(error)  # noqa: PT017  some Pythons read some of these
        assert len(told(error)) < 200  # noqa: PT017
