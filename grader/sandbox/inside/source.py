"""From the bytes of a submission to its code, as Python itself goes; what Python can't read is told in one sentence."""

import codecs
import re
import sys
from types import CodeType
from typing import NamedTuple

from grader.sandbox.inside.errors import SourceError

_SAVE = "save the file as UTF-8"
_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")  # PEP 263
_NO_CODE = re.compile(rb"[ \t\f]*(?:#.*)?")
_ENDS = re.compile(rb"\r\n|\r|\n")
_WIDE = ((b"\xff\xfe\0\0", "UTF-32"), (b"\0\0\xfe\xff", "UTF-32"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
_ASCII = bytes(range(128))
_ESCAPING = ("unicode_escape", "raw_unicode_escape", "unicode-escape", "raw-unicode-escape", "hz", "iso2022", "idna")
"""Encodings in which what looks like ASCII stands for something else."""

_NEWER = re.compile(
    r"""\s* (?: type\s+\w+\s*(?:\[.*\])?\s*=          # a type alias, 3.12
              | (?:async\s+)?def\s+\w+\s*\[           # type parameters, 3.12
              | class\s+\w+\s*\[
              | except\s*\*?\s*[\w.]+\s*,[^()]*:      # except without parentheses, 3.14
              | .*\b[fF][rR]?['"]                     # quotes and backslashes in the braces of an f-string, 3.12
              | .*\b[tT][rR]?['"] )                   # template strings, 3.14
    """,
    re.VERBOSE,
)


class _Declared(NamedTuple):
    """The encoding that a comment in the first two lines names."""

    name: str
    line: int


def text_of(code: bytes) -> str:
    """The text of a file, by its byte order mark, its coding cookie, or UTF-8. Raises SourceError."""
    _refuse_wide(code)
    marked = code.startswith(codecs.BOM_UTF8)
    body = code.removeprefix(codecs.BOM_UTF8)
    declared = _declared(body)
    encoding = _encoding(declared) if declared else "utf-8"
    if declared and marked and encoding != "utf-8":
        raise SourceError(
            f"the file begins with the mark of UTF-8, but line {declared.line} names another encoding: remove that line"
        )
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        line, named = 1 + len(_ENDS.findall(body[: error.start])), declared.name if declared else "UTF-8"
        raise SourceError(
            f"line {line} holds the byte 0x{body[error.start]:02x}, which isn't {named}: {_SAVE}"
        ) from None


def compiled(text: str, file: str) -> CodeType:
    """The code of a text. Raises SourceError with the line for what the parser or the compiler can't take."""
    try:
        return compile(text, file, "exec", dont_inherit=True)
    except (RecursionError, MemoryError, OverflowError, SystemError):
        raise SourceError("the file is nested too deeply, or too large, for Python to read: write it simpler") from None
    except SyntaxError as error:
        raise SourceError(_explained(error, text)) from None
    except ValueError as error:
        raise SourceError(f"Python can't read the file: {error}") from None


def _refuse_wide(code: bytes) -> None:
    name = next((name for mark, name in _WIDE if code.startswith(mark)), "")
    first = code[:4096]
    if not name and first and first.count(0) > len(first) // 4 and first.strip(b"\0"):
        name = "UTF-16 or UTF-32"
    if name:
        raise SourceError(f"the file is in {name}, which Python doesn't read: {_SAVE}")
    if (at := code.find(0)) >= 0:
        line = 1 + len(_ENDS.findall(code[:at]))
        raise SourceError(f"line {line} holds a NUL byte, which no text has: {_SAVE}")


def _declared(body: bytes) -> _Declared | None:
    for number, line in enumerate(_ENDS.split(body, maxsplit=2)[:2], 1):
        if found := _COOKIE.match(line):
            return _Declared(found[1].decode("ascii", "replace"), number)
        if not _NO_CODE.fullmatch(line):
            break
    return None


def _encoding(declared: _Declared) -> str:
    shown = declared.name[:40]
    try:
        codec = codecs.lookup(declared.name)
    except (LookupError, ValueError):
        raise SourceError(
            f"line {declared.line} names the encoding {shown}, which Python doesn't know: {_SAVE}"
        ) from None
    if not _writes_programs(codec):
        raise SourceError(f"line {declared.line} names {shown}, which is no encoding of a program: {_SAVE}")
    return codec.name


def _writes_programs(codec: codecs.CodecInfo) -> bool:
    """Whether it is an encoding of text in which ASCII stands for itself, as PEP 263 wants it."""
    if not getattr(codec, "_is_text_encoding", False) or codec.name.startswith(_ESCAPING):
        return False
    try:
        return codec.decode(_ASCII)[0] == _ASCII.decode("ascii")
    except ValueError:
        return False


def _explained(error: SyntaxError, text: str) -> str:
    runs = f"this grader runs Python {sys.version_info.major}.{sys.version_info.minor}"
    where = f"line {error.lineno}: " if error.lineno else ""
    said, lines = error.msg.partition("; ")[0], text.splitlines()
    line = lines[error.lineno - 1] if error.lineno and error.lineno <= len(lines) else ""
    if _NEWER.match(line):
        return f"{where}{said}; {runs}, and newer syntax is not read: write that line the older way"
    return f"{where}{said}; {runs}"
