"""Standard output and standard error as they may be: closed, full, or read by nobody any more."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol, TextIO, cast

from grader.model import GraderError


class Sink(Protocol):
    """What takes texts of reports, one after the other."""

    def write(self, text: str) -> None:
        """Have a text where it will stay. Raises GraderError if that can't be."""


class Stream:
    """A stream that is somebody else's: standard output, a pipe, a device."""

    def __init__(self, file: TextIO, name: str) -> None:
        self.file = file
        self._name = name

    def write(self, text: str) -> None:
        """Write at once. Raises BrokenPipeError when nobody reads any more."""
        try:
            self.file.write(text)
            self.file.flush()
        except BrokenPipeError:
            let_go(self.file)
            raise
        except (OSError, ValueError) as error:
            let_go(self.file)
            raise GraderError(unwritten(self._name, error)) from None


def let_go(file: TextIO) -> None:
    """Have what is still buffered go nowhere: else Python tries it again at exit, and makes 120 of the exit code."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, file.fileno())
        os.close(nowhere)


class Deaf:
    """A stream that loses what can't be written."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Write, if somebody reads."""
        try:
            return self._file.write(text)
        except (OSError, ValueError):
            let_go(self._file)
            return len(text)

    def flush(self) -> None:
        """Flush, if somebody reads."""
        try:
            self._file.flush()
        except (OSError, ValueError):
            let_go(self._file)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class _Nowhere(io.TextIOBase):
    """In place of a stream that is closed."""

    def write(self, text: str) -> int:
        """Lose it."""
        return len(text)


def deaf() -> Deaf:
    """Standard error, or nothing where it is closed."""
    there = sys.stderr is not None and not sys.stderr.closed
    return Deaf(sys.stderr if there else cast("TextIO", _Nowhere()))


@contextmanager
def standard() -> Iterator[Stream]:
    """Standard output, if there is one."""
    if sys.stdout is None or sys.stdout.closed:
        raise GraderError("standard output is closed, so nobody would see a report; name a file by --output")
    yield Stream(sys.stdout, "standard output")


def unwritten(name: str, error: Exception) -> str:
    """Why a text isn't where it should be."""
    return f"can't write to {name}: {getattr(error, 'strerror', None) or error}"
