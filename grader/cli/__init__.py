"""The command `kata`: one module for each of its commands, or for two that belong together."""

import errno
import sys
from typing import NoReturn

import typer

from grader.cli import audit, catalogue, files, grade
from grader.cli.app import BROKEN_PIPE, FAULT, PASSED, STOPPED, USAGE, app
from grader.model import GraderError, UsageError

app.command("list")(catalogue.list_katas)
app.command()(catalogue.show)
app.command()(files.start)
app.command()(grade.grade)
app.command()(files.new)
app.command()(audit.audit)

__all__ = ["app", "audit", "catalogue", "files", "grade", "main"]


def main() -> NoReturn:
    """Run the command and exit with its code."""
    try:
        code = app(standalone_mode=False) or PASSED
        if sys.stdout is not None:
            sys.stdout.flush()
    except typer.Exit as exit_:
        code = exit_.exit_code
    except (KeyboardInterrupt, typer.Abort):
        code = STOPPED
    except SystemExit:  # what typer makes of a pipe that nobody reads
        code = _drop_output(BROKEN_PIPE)
    except Exception as error:  # noqa: BLE001  those that aren't foreseen are raised again
        code = _code_of(error)
    sys.exit(code)


def _code_of(error: Exception) -> int:
    """The exit code of an error; print its message."""
    match error:
        case UsageError():
            return _complain(str(error), USAGE)
        case GraderError():
            return _complain(str(error), FAULT)
        case BrokenPipeError():
            return _drop_output(BROKEN_PIPE)
        case OSError(errno=errno.ENOSPC | errno.EDQUOT | errno.EIO):
            return _drop_output(
                _complain(f"can't write to {error.filename or 'standard output'}: {error.strerror}", FAULT)
            )
    if not hasattr(error, "format_message"):
        raise error
    context = getattr(error, "ctx", None)
    advice = f" See `{context.command_path} --help`." if context else ""
    return _complain(f"{error.format_message()}{advice}", USAGE)


def _complain(message: str, code: int) -> int:
    from grader.reports.streams import standard_error  # noqa: PLC0415

    print(f"kata: {message}", file=standard_error())
    return code


def _drop_output(code: int) -> int:
    """Drop what is left in standard output's buffer, so that it doesn't change the exit code."""
    from grader.reports.streams import discard_buffer  # noqa: PLC0415

    discard_buffer(sys.stdout)
    return code
