"""The command `kata`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TextIO

import typer

from grader.model import GraderError, Isolation, Level, Status, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from grader.model import Report

PASSED, FAILED, USAGE, FAULT, STOPPED = 0, 1, 2, 3, 130

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Interview katas on e-commerce search and recommendation, and the grader that marks them.",
    epilog="Exit codes: 0 every graded kata passed, 1 some check failed, 2 usage or unreadable input, 3 our own fault.",
)


class Format(StrEnum):
    """How a report is written."""

    TERMINAL = "terminal"
    JSON = "json"


class Confinement(StrEnum):
    """How learners' code is confined."""

    AUTO = "auto"
    SANDLOCK = "sandlock"
    BARE = "bare"


class By(StrEnum):
    """How the list of katas is grouped."""

    TRACK = "track"
    QUESTION = "question"


def main() -> NoReturn:
    """Run the command and exit with its code."""
    try:
        code = app(standalone_mode=False) or PASSED
    except typer.Exit as exit_:
        code = exit_.exit_code
    except (KeyboardInterrupt, typer.Abort):
        code = STOPPED
    except UsageError as error:
        code = _complain(str(error), USAGE)
    except GraderError as error:
        code = _complain(str(error), FAULT)
    except BrokenPipeError:
        code = STOPPED
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        context = getattr(error, "ctx", None)
        advice = f" See `{context.command_path} --help`." if context else ""
        code = _complain(f"{error.format_message()}{advice}", USAGE)
    sys.exit(code)


@app.command("list")
def list_katas(
    by: Annotated[By, typer.Option("--by", help="By track, or by the question that a kata answers.")] = By.TRACK,
    level: Annotated[Level | None, typer.Option("--level", help="Only katas of this level.")] = None,
    minutes: Annotated[
        int | None, typer.Option("--minutes", min=1, help="Propose a set that can be done in this time.")
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="A table, or JSON for machines.")] = Format.TERMINAL,
) -> None:
    """List the katas, or propose a set: level, minutes, the questions that they answer, what to do first."""
    from grader import catalog, listing  # noqa: PLC0415  each command pays for its own imports

    katas = tuple(kata for kata in catalog.katas() if level is None or kata.level == level)
    if minutes is not None:
        katas = listing.proposal(katas, minutes)
    if output is Format.JSON:
        print(listing.as_json(katas))  # noqa: T201
        return
    console = _console(sys.stdout)
    console.print(listing.by_question(katas) if by is By.QUESTION else listing.table(katas))
    if minutes is not None:
        console.print(listing.total(katas))


@app.command()
def show(kata: Annotated[str, typer.Argument(help="`track/name`, or `name`.", show_default=False)]) -> None:
    """Show the statement of a kata."""
    from grader import catalog, listing  # noqa: PLC0415

    _console(sys.stdout).print(listing.statement(catalog.find(kata)))


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
    from grader import catalog, scaffold  # noqa: PLC0415

    for kept, path in scaffold.start(catalog.select(katas or []), into):
        print(f"{'kept   ' if kept else 'created'} {path}")  # noqa: T201
    print(f"\nWhen you have written something: kata grade {into}")  # noqa: T201


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="`track/name` of the kata to be written.", show_default=False)],
) -> None:
    """Make the files of a new kata, filled so far as can be, in a clone of the project."""
    from grader import catalog, scaffold  # noqa: PLC0415

    for path in scaffold.new(name, catalog.content_root()):
        print(f"created {path}")  # noqa: T201


@app.command()
def grade(
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
            "--kata", help="Grade this kata only; also says what a file of another name is for.", show_default=False
        ),
    ] = None,
    output_format: Annotated[
        Format, typer.Option("--format", help="For people, or JSON: one report a line.")
    ] = Format.TERMINAL,
    output: Annotated[
        Path | None, typer.Option("--output", help="Write the reports to this file.", show_default=False)
    ] = None,
    seed: Annotated[
        int,
        typer.Option("--seed", min=0, help="Another seed draws other examples; the same seed gives the same grade."),
    ] = 0,
    isolation: Annotated[
        Confinement, typer.Option("--isolation", help="How learners' code is confined; bare: not at all.")
    ] = Confinement.AUTO,
    certify: Annotated[
        bool, typer.Option("--certify", help="Refuse anything but the full sandbox, and draw examples anew.")
    ] = False,
) -> None:
    """Grade submissions against the hidden checks.

    Learners' code runs in a sandbox and answers calls; verdicts are made outside. Exit codes: 0 every graded kata
    passed, 1 some check failed, 2 usage or unreadable input, 3 the grader's own fault for some submission.
    """
    from grader import isolation as isolations  # noqa: PLC0415
    from grader import work  # noqa: PLC0415
    from grader.grade import Options  # noqa: PLC0415

    confinement = isolations.resolve(Isolation(isolation))
    if certify and confinement is not Isolation.SANDLOCK:
        raise GraderError(f"a certified grade needs the full sandbox; this would be graded in {confinement}")
    options = Options(confinement, seed, certified=certify, shrink=len(paths) == 1 and not certify)
    with _destination(output) as out:
        render = _renderer(output_format, out)
        statuses = work.grade_paths(paths, katas or (), options, render, _console(sys.stderr))
    raise typer.Exit(FAULT if Status.ERROR in statuses else FAILED if Status.FAILED in statuses else PASSED)


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
    isolation: Annotated[Confinement, typer.Option("--isolation", help="As for `kata grade`.")] = Confinement.AUTO,
) -> None:
    """Check the checks: every one kills a wrong solution, right ones pass, lazy ones don't. Exit code 1 if not so."""
    from grader import catalog  # noqa: PLC0415
    from grader import isolation as isolations  # noqa: PLC0415
    from grader.audit import command  # noqa: PLC0415

    chosen, confinement = catalog.select(katas or []), isolations.resolve(Isolation(isolation))
    audited = command.banks if banks else command.checks
    good = audited(chosen, confinement, _console(sys.stdout), _console(sys.stderr), mutants=mutants)
    raise typer.Exit(PASSED if good else FAILED)


def _renderer(output_format: Format, out: TextIO) -> "Callable[[Report], None]":
    """What writes one report."""
    if output_format is Format.JSON:
        from grader.reports import json_file  # noqa: PLC0415

        return lambda report: print(json_file.render(report), file=out, flush=True)
    from grader.reports import terminal  # noqa: PLC0415

    console = _console(out)
    return lambda report: terminal.render(report, console)


@contextmanager
def _destination(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    try:
        file = output.open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"can't write to {output}: {error.strerror}") from None
    with file:
        yield file


def _console(file: TextIO) -> "Console":
    from rich.console import Console  # noqa: PLC0415

    return Console(file=file, highlight=False, soft_wrap=False)


def _complain(message: str, code: int) -> int:
    print(f"kata: {message}", file=sys.stderr)  # noqa: T201
    return code
