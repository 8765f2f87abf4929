"""The command `kata`."""

import errno
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from grader.model import GraderError, Level, Status, UsageError
from grader.reports import formats
from grader.sandbox.backends import registry

if TYPE_CHECKING:
    from typing import TextIO

    from rich.console import Console

PASSED, FAILED, USAGE, FAULT, STOPPED, BROKEN_PIPE = 0, 1, 2, 3, 130, 141

WORST_FIRST = ((Status.ERROR, FAULT), (Status.UNREADABLE, USAGE), (Status.FAILED, FAILED))

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Interview katas on e-commerce search and recommendation, and the grader that marks them.",
    epilog="Exit codes: 0 every graded kata passed, 1 some check failed, 2 usage or unreadable input, 3 our own fault.",
)


class ListFormat(StrEnum):
    """How the list of katas is written."""

    TERMINAL = "terminal"
    JSON = "json"


class ReportFormat(StrEnum):
    """How a report is written: the names in `formats.FORMATS`."""

    _ignore_ = "name"
    for name in formats.FORMATS:
        vars()[name.upper()] = name


_DEFAULT_FORMAT = ReportFormat(formats.DEFAULT)


class Isolation(StrEnum):
    """How learners' code is confined: `auto`, or the name of a backend."""

    _ignore_ = "name"
    for name in registry.choices():
        vars()[name.upper()] = name


_AUTO = Isolation(registry.AUTO)


class By(StrEnum):
    """How the list of katas is grouped."""

    TRACK = "track"
    QUESTION = "question"


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


@app.command("list")
def list_katas(
    by: Annotated[By, typer.Option("--by", help="By track, or by the question that a kata answers.")] = By.TRACK,
    level: Annotated[Level | None, typer.Option("--level", help="Only katas of this level.")] = None,
    minutes: Annotated[
        int | None, typer.Option("--minutes", min=1, help="Propose a set that can be done in this time.")
    ] = None,
    output: Annotated[
        ListFormat, typer.Option("--format", help="A table, or JSON for machines.")
    ] = ListFormat.TERMINAL,
) -> None:
    """List the katas, or propose a set: level, minutes, the questions that they answer, what to do first."""
    from grader.content import catalog, listing  # noqa: PLC0415  each command pays for its own imports

    katas = tuple(kata for kata in catalog.katas() if level is None or kata.level == level)
    if minutes is not None:
        katas = listing.proposal(katas, minutes)
    if output is ListFormat.JSON:
        print(listing.as_json(katas), file=_stdout())
        return
    console = _console()
    console.print(listing.by_question(katas) if by is By.QUESTION else listing.table(katas))
    if minutes is not None:
        console.print(listing.total(katas))


@app.command()
def show(kata: Annotated[str, typer.Argument(help="`track/name`, or `name`.", show_default=False)]) -> None:
    """Show the statement of a kata."""
    from grader.content import catalog, listing  # noqa: PLC0415

    _console().print(listing.statement(catalog.find(kata)))


@app.command()
def start(
    katas: Annotated[
        list[str] | None, typer.Argument(help="Which katas; all of them if none is named.", show_default=False)
    ] = None,
    into: Annotated[
        Path, typer.Option("--into", help="The folder to put stubs and statements in.", show_default=False)
    ] = ...,  # type: ignore[assignment]  # required
) -> None:
    """Copy stubs and statements into a folder to work in. Never overwrites work."""
    from grader.content import catalog, scaffold  # noqa: PLC0415

    for kept, path in scaffold.start(catalog.select(katas or []), into):
        print(f"{'kept   ' if kept else 'created'} {path}")  # noqa: T201
    print(f"\nWhen you have written something: kata grade {into}")  # noqa: T201


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="`track/name` of the kata to be written.", show_default=False)],
) -> None:
    """Make the files of a new kata in a clone of the project: a small one that passes the audit, to be changed."""
    from grader.content import catalog, scaffold  # noqa: PLC0415

    for path in scaffold.new(name, catalog.content_root()):
        print(f"created {path}")  # noqa: T201
    kata = name.partition("/")[2]
    print(f"\nIt is a small kata that passes. Change it to yours, then: kata audit {kata}")  # noqa: T201
    print(f"When it passes: kata audit --banks {kata} && python -m benchmarks.tables {kata} && tox")  # noqa: T201


@app.command()
def grade(  # noqa: PLR0913, PLR0917  an option is a parameter
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="A .py named after a kata, a folder of them, or a .zip of one. Several PATHs are several submissions.",
            show_default=False,
        ),
    ],
    katas: Annotated[
        list[str] | None,
        typer.Option(
            "--kata",
            help="Grade this kata only, 0 points if it isn't handed in. Also says what a file of another name is for.",
            show_default=False,
        ),
    ] = None,
    output_format: Annotated[
        ReportFormat, typer.Option("--format", help=f"How to write reports. {formats.descriptions()}.")
    ] = _DEFAULT_FORMAT,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            help="Write the reports to this file: to FILE.part while it goes on, which then takes its place; what FILE "
            "was before is kept as FILE~.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Keep the reports in FILE.part or FILE; grade what has none there.")
    ] = False,
    ordered: Annotated[
        bool, typer.Option("--ordered", help="Reports in the order of PATHs, not each as soon as it is done.")
    ] = False,
    seed: Annotated[
        int,
        typer.Option("--seed", min=0, help="Another seed draws other examples; the same seed gives the same grade."),
    ] = 0,
    isolation: Annotated[
        Isolation, typer.Option("--isolation", help="How learners' code is confined; bare: not at all.")
    ] = _AUTO,
    limit_scale: Annotated[
        float,
        typer.Option(
            "--limit-scale",
            min=0.1,
            max=100,
            help="On a slow machine: 2 lets each call and submission take twice as long.",
        ),
    ] = 1.0,
    certify: Annotated[
        bool,
        typer.Option(
            "--certify",
            help="Refuse anything but the full sandbox, draw examples anew, and have a second judge confirm each pass.",
        ),
    ] = False,
) -> None:
    """Grade submissions against the hidden checks.

    Learners' code runs in a sandbox and answers calls; verdicts are made outside. A submission that can't be read has a
    report of the status unreadable, and the others are graded. Exit codes: 0 every graded kata passed, 1 some check
    failed, 2 usage or some submission unreadable, 3 the grader's own fault, or no place to write; 130 stopped by Ctrl-C
    (what is done is written), 141 nobody reads the output any more.
    """
    from grader.grading import command  # noqa: PLC0415
    from grader.grading.grade import Options  # noqa: PLC0415
    from grader.reports import consoles  # noqa: PLC0415

    confinement = registry.resolve(isolation)
    if certify:
        registry.refuse_uncertifiable(confinement)
    shrink = len(paths) == 1 and not certify
    options = Options(confinement, seed, certified=certify, shrink=shrink, ordered=ordered, limit_scale=limit_scale)
    order = command.Order(paths, katas or (), output_format.value, output, resume)
    statuses = command.grade_paths(order, options, consoles.err())
    raise typer.Exit(next((code for status, code in WORST_FIRST if status in statuses), PASSED))


@app.command()
def audit(
    katas: Annotated[list[str] | None, typer.Argument(help="Which katas; all of them if none is named.")] = None,
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Also judge small wrong changes to the reference.")
    ] = False,
    banks: Annotated[
        bool,
        typer.Option("--banks", help="Build stale example banks; compare grades by bank with grades by hypothesis."),
    ] = False,
    isolation: Annotated[Isolation, typer.Option("--isolation", help="As for `kata grade`.")] = _AUTO,
) -> None:
    """Check the checks: every one kills a wrong solution, right ones pass, lazy ones don't. Exit code 1 if not so."""
    from grader.audit import command  # noqa: PLC0415
    from grader.content import catalog  # noqa: PLC0415
    from grader.reports import consoles  # noqa: PLC0415

    chosen, confinement = catalog.select(katas or []), registry.resolve(isolation)
    audited = command.banks if banks else command.checks
    good = audited(chosen, confinement, _console(), consoles.err(), mutants=mutants)
    raise typer.Exit(PASSED if good else FAILED)


def _console() -> "Console":
    from grader.reports import consoles  # noqa: PLC0415

    return consoles.out(_stdout())


def _stdout() -> "TextIO":
    if sys.stdout is None:
        raise GraderError("standard output is closed, so nobody would see the answer")
    return sys.stdout


def _complain(message: str, code: int) -> int:
    from grader.reports.streams import standard_error  # noqa: PLC0415

    print(f"kata: {message}", file=standard_error())
    return code


def _drop_output(code: int) -> int:
    """Drop what is left in standard output's buffer, so that it doesn't change the exit code."""
    from grader.reports.streams import discard_buffer  # noqa: PLC0415

    discard_buffer(sys.stdout)
    return code
