"""`kata audit`."""

from typing import Annotated

import typer

from grader.cli.app import AUTO, FAILED, PASSED, Isolation, console
from grader.sandbox.backends import registry


def audit(
    katas: Annotated[list[str] | None, typer.Argument(help="Which katas; all of them if none is named.")] = None,
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Also judge small wrong changes to the reference.")
    ] = False,
    banks: Annotated[
        bool,
        typer.Option("--banks", help="Build stale example banks; compare grades by bank with grades by hypothesis."),
    ] = False,
    isolation: Annotated[Isolation, typer.Option("--isolation", help="As for `kata grade`.")] = AUTO,
) -> None:
    """Check the checks: every one kills a wrong solution, right ones pass, lazy ones don't. Exit code 1 if not so."""
    from grader.audit import command  # noqa: PLC0415
    from grader.content import catalog  # noqa: PLC0415
    from grader.reports import consoles  # noqa: PLC0415

    chosen, confinement = catalog.select(katas or []), registry.resolve(isolation)
    audited = command.banks if banks else command.checks
    good = audited(chosen, confinement, console(), consoles.err(), mutants=mutants)
    raise typer.Exit(PASSED if good else FAILED)
