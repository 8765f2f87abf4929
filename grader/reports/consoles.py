"""rich consoles on standard output, whose end matters, and on standard error, on which nothing depends."""

from typing import NoReturn, TextIO, cast

from rich.console import Console

from grader.reports.streams import standard_error


class _OutputConsole(Console):
    """A console that leaves a broken pipe to the command: rich would exit with 1, which means that a check failed."""

    def on_broken_pipe(self) -> NoReturn:
        """Raise BrokenPipeError."""
        raise BrokenPipeError


def out(file: TextIO) -> Console:
    """A console for what the user asked for."""
    return _OutputConsole(file=file, highlight=False, soft_wrap=False)


def err() -> Console:
    """A console for progress and error messages."""
    return Console(file=cast("TextIO", standard_error()), highlight=False, soft_wrap=False)


def writable(text: str, console: Console) -> str:
    """Replace the characters that the console's encoding lacks by escapes."""
    return text.encode(console.encoding, "backslashreplace").decode(console.encoding)
