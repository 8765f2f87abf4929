"""`kata grade`: read what was handed in, have it judged, write each report as soon as it is there."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
from rich.console import Console

from grader import grade, submissions
from grader.model import Report, Status, Submission
from grader.reports import terminal


def grade_paths(
    paths: Sequence[Path],
    katas: Sequence[str],
    options: grade.Options,
    render: Callable[[Report], None],
    err: Console,
) -> set[Status]:
    """Grade submissions, and tell how they ended. Raises UsageError, before anything is graded, for one unreadable.

    On Ctrl-C what is done has been written, and how much that is is said.
    """
    entered = _read(paths, katas)
    statuses: Counter[Status] = Counter()
    try:
        with terminal.Progress(err, len(paths)) as progress:
            options = msgspec.structs.replace(options, watched=progress.shown)
            for report in grade.grade(entered, options, progress.on):
                statuses[report.status] += 1
                render(report)
                progress.reported()
    except KeyboardInterrupt:
        err.print(f"kata: stopped; {statuses.total()} of {len(paths)} submissions are graded, and their reports stand")
        raise
    return set(statuses)


def _read(paths: Sequence[Path], katas: Sequence[str]) -> Iterator[Submission]:
    """Each when it is wanted, so that thousands take the memory of a few; all are looked at before the first."""
    if len(paths) > 1:
        for path in paths:
            submissions.read(path, katas)
    return (submissions.read(path, katas) for path in paths)
