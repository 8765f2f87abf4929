"""The application that commands register with, their exit codes, and where they print."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING

import typer

from grader.model import GraderError
from grader.sandbox.backends import registry

if TYPE_CHECKING:
    from typing import TextIO

    from rich.console import Console

PASSED, FAILED, USAGE, FAULT, STOPPED, BROKEN_PIPE = 0, 1, 2, 3, 130, 141

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Interview katas on e-commerce search and recommendation, and the grader that marks them.",
    epilog="Exit codes: 0 every graded kata passed, 1 some check failed, 2 usage or unreadable input, 3 our own fault.",
)


class Isolation(StrEnum):
    """How learners' code is confined: `auto`, or the name of a backend."""

    _ignore_ = "name"
    for name in registry.choices():
        vars()[name.upper()] = name


AUTO = Isolation(registry.AUTO)


def console() -> "Console":
    """For what was asked for."""
    from grader.reports import consoles  # noqa: PLC0415

    return consoles.out(standard_output())


def standard_output() -> "TextIO":
    """Raises GraderError where it is closed."""
    if sys.stdout is None:
        raise GraderError("standard output is closed, so nobody would see the answer")
    return sys.stdout
