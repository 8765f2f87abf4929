"""The progress of a run, on a terminal. Learners' text is shown as data, never as markup."""

import time
from collections.abc import Mapping
from pathlib import PurePath
from types import MappingProxyType, TracebackType
from typing import NamedTuple, Self

from rich.console import Console, Group, OverflowMethod
from rich.live import Live
from rich.text import Text

from grader.model import Done, Event, Judged, Planned, Running
from grader.reports.consoles import writable
from grader.text import one_line

_SECONDS_PER_FRAME = 0.05


class Progress:
    """A context manager that shows one line for each kata being graded, and nothing where nobody can watch.

    `submissions` is how many the run has; `frame` is the least time between two pictures, in seconds.
    """

    def __init__(self, console: Console, submissions: int = 1, frame: float = _SECONDS_PER_FRAME) -> None:
        self._console = console
        self._running: dict[tuple[str, str], _KataProgress] = {}
        self._submissions, self._reports = submissions, 0
        self._frame, self._last_drawn = frame, 0.0
        # rich needs no thread for refreshing: the picture changes only with an event.
        self._live = Live(
            console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
        )

    def __enter__(self) -> Self:
        if self._console.is_interactive:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    @property
    def shown(self) -> bool:
        """Whether the progress can be seen."""
        return self._live.is_started

    def on(self, submission: str, event: Event) -> None:
        """Update the picture by an event of a submission, which is known by its path."""
        if not self.shown:
            return
        key = submission, event.kata
        progress = self._running.get(key, _KataProgress())
        match event:
            case Planned(checks=checks):
                self._running[key] = _KataProgress({check.name: check.says for check in checks})
            case Running(check=check):
                self._running[key] = progress._replace(running=progress.says.get(check, check))
            case Judged():
                self._running[key] = progress._replace(judged=progress.judged + 1)
            case Done():
                self._running.pop(key, None)
        now = time.monotonic()
        # Drawing takes longer than many a check does.
        if now - self._last_drawn >= self._frame:
            self._last_drawn = now
            self._live.update(Group(*self._head(), *map(self._line, self._running)), refresh=True)

    def reported(self) -> None:
        """Count a submission that is done."""
        self._reports += 1

    def _head(self) -> list[Text]:
        return [Text(f"{self._reports} of {self._submissions} submissions graded")] if self._submissions > 1 else []

    def _line(self, key: tuple[str, str]) -> Text:
        (submission, kata), progress = key, self._running[key]
        # A single file that is named after its kata need not be named beside it.
        same_name = self._submissions == 1 and PurePath(submission).stem == kata.rpartition("/")[2]
        who = "" if same_name else f"{_tail(submission)}  "
        count = f"  check {min(progress.judged + 1, len(progress.says))} of {len(progress.says)}  "
        says = one_line(" ".join(progress.running.split()))
        parts = ((who, ""), (kata, "bold"), (count, "cyan"), (says, "dim"))
        overflow: OverflowMethod = "crop" if self._console.options.ascii_only else "ellipsis"
        line = Text(no_wrap=True, overflow=overflow)
        return line.append_tokens((writable(text, self._console), style) for text, style in parts)


class _KataProgress(NamedTuple):
    """A kata of one submission that is being graded."""

    says: Mapping[str, str] = MappingProxyType({})
    """The sentence of each check, by the check's name."""
    judged: int = 0
    running: str = ""
    """The sentence of the check that runs."""


def _tail(path: str, longest: int = 24) -> str:
    """The end of a path. The beginning of a path is the same for a whole class."""
    return one_line(path) if len(path) <= longest else f"...{one_line(path[-longest:])}"
