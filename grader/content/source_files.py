"""The files of a kata, read so that a damaged one is reported by its name and line."""

import ast
from pathlib import Path

from grader.model import GraderError

_FOLDERS = ("exercises", "solutions", "fixtures", "checks")


def text(path: Path) -> str:
    """Read a text file. Raises GraderError if its bytes are not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise GraderError(f"{place(path)} is not UTF-8 (byte {error.start}): save it as UTF-8") from None


def python(path: Path) -> ast.Module:
    """Parse a Python file. Raises GraderError if it is not Python, with the line."""
    try:
        return ast.parse(text(path))
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise GraderError(f"{place(path)}{line} is not Python: {error.msg}") from None
    except ValueError as error:  # Python 3.11 before 3.11.4, of a null character
        raise GraderError(f"{place(path)} is not Python: {error}") from None


def place(path: Path) -> str:
    """Where a file stands among the katas, such as `solutions/search/bm25_index.md`."""
    start = max((index for index, part in enumerate(path.parts) if part in _FOLDERS), default=-1)
    return "/".join(path.parts[start:])
