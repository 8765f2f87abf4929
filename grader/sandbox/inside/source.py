"""From the bytes of a submission to its code, as Python itself goes; what Python can't read has a reason."""

import codecs
import re
import sys
from types import CodeType
from typing import NamedTuple

from grader.sandbox.inside.errors import SourceError

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
        raise SourceError("encoding_contradicts_mark", line=declared.line)
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        line, named = 1 + len(_ENDS.findall(body[: error.start])), declared.name if declared else "UTF-8"
        raise SourceError("byte_of_no_encoding", line=line, byte=f"0x{body[error.start]:02x}", encoding=named) from None


def compiled(text: str, file: str) -> CodeType:
    """The code of a text. Raises SourceError with the line for what the parser or the compiler can't take."""
    try:
        return compile(text, file, "exec", dont_inherit=True)
    except (RecursionError, MemoryError, OverflowError, SystemError):
        raise SourceError("source_too_deep") from None
    except SyntaxError as error:
        raise _explained(error, text) from None
    except ValueError as error:
        raise SourceError("code_unreadable", error=str(error)) from None


def _refuse_wide(code: bytes) -> None:
    name = next((name for mark, name in _WIDE if code.startswith(mark)), "")
    first = code[:4096]
    if name:
        raise SourceError("wide_encoding", encoding=name)
    if first and first.count(0) > len(first) // 4 and first.strip(b"\0"):
        raise SourceError("wide_encoding_unmarked")
    if (at := code.find(0)) >= 0:
        raise SourceError("nul_byte", line=1 + len(_ENDS.findall(code[:at])))


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
        raise SourceError("encoding_unknown", line=declared.line, encoding=shown) from None
    if not _writes_programs(codec):
        raise SourceError("encoding_of_no_program", line=declared.line, encoding=shown)
    return codec.name


def _writes_programs(codec: codecs.CodecInfo) -> bool:
    """Whether it is an encoding of text in which ASCII stands for itself, as PEP 263 wants it."""
    if not getattr(codec, "_is_text_encoding", False) or codec.name.startswith(_ESCAPING):
        return False
    try:
        return codec.decode(_ASCII)[0] == _ASCII.decode("ascii")
    except ValueError:
        return False


def _explained(error: SyntaxError, text: str) -> SourceError:
    number, lines = error.lineno or 0, text.splitlines()
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    told: dict[str, str | int] = {
        "line": number,
        "said": error.msg.partition("; ")[0],
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
    }
    return SourceError("syntax_too_new", **told) if _NEWER.match(line) else SourceError("syntax", **told)
