"""`kata grade`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from grader.cli.app import AUTO, FAILED, FAULT, PASSED, USAGE, Isolation
from grader.model import Status
from grader.reports import formats
from grader.sandbox.backends import registry

WORST_FIRST = ((Status.ERROR, FAULT), (Status.UNREADABLE, USAGE), (Status.FAILED, FAILED))


class ReportFormat(StrEnum):
    """How a report is written: the names in `formats.FORMATS`."""

    _ignore_ = "name"
    for name in formats.FORMATS:
        vars()[name.upper()] = name


_DEFAULT_FORMAT = ReportFormat(formats.DEFAULT)


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
        Isolation,
        typer.Option(
            "--isolation", help=f"How learners' code is confined; {', '.join(registry.unconfined())}: not at all."
        ),
    ] = AUTO,
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
