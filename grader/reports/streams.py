"""Standard output and standard error, which may be closed, full, or a pipe that nobody reads any more."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol, TextIO, cast

from grader.model import GraderError


class Sink(Protocol):
    """Where the texts of reports go, one after the other."""

    def write(self, text: str) -> None:
        """Write a text and flush it. Raises GraderError if that fails."""


class Stream:
    """A sink that this run did not create: standard output, a pipe, a device."""

    def __init__(self, file: TextIO, name: str) -> None:
        self.file = file
        self._name = name

    def write(self, text: str) -> None:
        """Write a text and flush it. Raises BrokenPipeError if nobody reads any more, else GraderError."""
        try:
            self.file.write(text)
            self.file.flush()
        except BrokenPipeError:
            discard_buffer(self.file)
            raise
        except (OSError, ValueError) as error:
            discard_buffer(self.file)
            raise GraderError(write_error(self._name, error)) from None


def discard_buffer(file: TextIO) -> None:
    """Send what is still buffered to /dev/null.

    Python would write it at exit, fail, and change the exit code to 120.
    """
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, file.fileno())
        os.close(null)


class LossyStream:
    """A stream that drops what can't be written."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Write a text, or drop it."""
        try:
            return self._file.write(text)
        except (OSError, ValueError):
            discard_buffer(self._file)
            return len(text)

    def flush(self) -> None:
        """Flush the buffer, or drop it."""
        try:
            self._file.flush()
        except (OSError, ValueError):
            discard_buffer(self._file)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class _NullStream(io.TextIOBase):
    """Takes the place of a stream that is closed."""

    def write(self, text: str) -> int:
        """Drop the text."""
        return len(text)


def standard_error() -> LossyStream:
    """Standard error for messages on which nothing depends; where it is closed they are dropped."""
    is_open = sys.stderr is not None and not sys.stderr.closed
    return LossyStream(sys.stderr if is_open else cast("TextIO", _NullStream()))


@contextmanager
def standard_output() -> Iterator[Stream]:
    """Standard output as a sink. Raises GraderError if it is closed."""
    if sys.stdout is None or sys.stdout.closed:
        raise GraderError("standard output is closed, so nobody would see a report; name a file by --output")
    yield Stream(sys.stdout, "standard output")


def write_error(name: str, error: Exception) -> str:
    """The message for a text that couldn't be written."""
    return f"can't write to {name}: {getattr(error, 'strerror', None) or error}"
