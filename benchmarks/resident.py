"""How much memory a command and everything that it started take, sampled while they run."""

import contextlib
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.processes import descendants

_PAGE = os.sysconf("SC_PAGE_SIZE")


class Resident:
    """Samples the proportional set sizes of all our descendants until it is left; shared pages count once in all."""

    def __init__(self, every: float = 0.05) -> None:
        self.most = 0.0
        """MB of all processes together, at their peak."""
        self.own = 0.0
        """MB of the command's first process, at its peak."""
        self.processes = 0
        """How many there were at most."""
        self._every = every
        self._first = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample)

    def follow(self, pid: int) -> None:
        """The process that `own` is about: the first that was started."""
        self._first = self._first or pid

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._done.wait(self._every):
            sizes = {pid: megabytes(pid) for pid in descendants(os.getpid())}
            self.most = max(self.most, sum(sizes.values()))
            self.own = max(self.own, sizes.get(self._first, 0.0))
            self.processes = max(self.processes, len(sizes))


def megabytes(pid: int) -> float:
    """Proportional set size of a process, its resident set where that may not be read, 0 once it is gone."""
    with contextlib.suppress(OSError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_bytes().splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) / 1024
    with contextlib.suppress(OSError, ProcessLookupError):
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * _PAGE / 2**20
    return 0.0
