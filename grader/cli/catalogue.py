"""`kata list` and `kata show`."""

from enum import StrEnum
from typing import Annotated

import typer

from grader.cli.app import console, standard_output
from grader.model import Level


class ListFormat(StrEnum):
    """How the list of katas is written."""

    TERMINAL = "terminal"
    JSON = "json"


class By(StrEnum):
    """How the list of katas is grouped."""

    TRACK = "track"
    QUESTION = "question"


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
        print(listing.as_json(katas), file=standard_output())
        return
    out = console()
    out.print(listing.by_question(katas) if by is By.QUESTION else listing.table(katas))
    if minutes is not None:
        out.print(listing.total(katas))


def show(kata: Annotated[str, typer.Argument(help="`track/name`, or `name`.", show_default=False)]) -> None:
    """Show the statement of a kata."""
    from grader.content import catalog, listing  # noqa: PLC0415

    console().print(listing.statement(catalog.find(kata)))
