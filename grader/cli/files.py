"""`kata start` and `kata new`: files to work in."""

from pathlib import Path
from typing import Annotated

import typer


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
