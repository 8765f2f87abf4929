"""Where people read: standard output, whose end is told, and standard error, on which nothing depends."""

from typing import NoReturn, TextIO, cast

from rich.console import Console

from grader.reports.streams import deaf


class _Out(Console):
    """rich would end the command with exit code 1, which means that a check failed."""

    def on_broken_pipe(self) -> NoReturn:
        """Leave it to the command."""
        raise BrokenPipeError


def out(file: TextIO) -> Console:
    """For what was asked for."""
    return _Out(file=file, highlight=False, soft_wrap=False)


def err() -> Console:
    """For progress and complaints."""
    return Console(file=cast("TextIO", deaf()), highlight=False, soft_wrap=False)
