"""The workers of one submission, as its session sees them: it starts them, watches them, and ends them.

The fork that judges asks for each of these. It does not hold the sandbox, so whoever takes it over starts nothing.
"""

import contextlib

from grader import process
from grader.judge import messages
from grader.judge.slots import Ended, Zygote
from grader.model import GraderError, Reason
from grader.protocol.channel import Pipe

_THREADS = 512
_PAGE_TABLES = 256 << 20
"""Bytes: the kernel counts them to no limit of a process."""


class SupervisedWorkers:
    """The living workers of one submission, and how the others ended."""

    def __init__(self, zygote: Zygote) -> None:
        self._zygote = zygote
        self._pids: dict[int, int] = {}
        """Process ids of the living, by the zygote's numbers of them."""
        self._ended: dict[int, Ended] = {}
        """Those that the session ended, until the fork asks about them."""

    def hire(self, fork: Pipe[messages.Answered, messages.Said]) -> None:
        """Start a worker for the fork, and hand over its channel."""
        try:
            started = self._zygote.start()
        except GraderError as error:
            fork.send(messages.Refused(str(error)))
            return
        with started.end:
            self._pids[started.number] = started.pid
            fork.send(messages.Hired(started.number, started.pid), [started.end.fileno()])

    def dismiss(self, number: int, patience: float) -> messages.Answered:
        """End a worker, if it has not ended; the reply tells how it ended."""
        if number in self._pids:
            self._end(number, patience)
        if (ended := self._ended.pop(number, None)) is None:
            return messages.Refused("the sandbox is gone" if self._zygote.broken else "there is no such worker")
        return messages.Dismissed(*ended)

    def watch(self) -> None:
        """End a worker that takes too much of what no limit in the kernel counts."""
        for number, pid in list(self._pids.items()):
            threads, page_tables = process.facts(pid)
            if threads > _THREADS:
                self._end(number, why=Reason("too_many_threads", {"most": _THREADS}))
            elif page_tables > _PAGE_TABLES:
                self._end(number, why=Reason("memory_maps_too_large", {"megabytes": _PAGE_TABLES >> 20}))

    def end_all(self) -> None:
        """End those that are left. The fork that asked for them has ended."""
        for number in list(self._pids):
            self._end(number)
        self._ended.clear()

    def _end(self, number: int, patience: float = 0.0, why: Reason | None = None) -> None:
        """End a worker, and keep how it ended for the fork that will ask."""
        del self._pids[number]
        with contextlib.suppress(GraderError):  # the slot is broken then, and known to be
            self._ended[number] = self._zygote.end(number, patience)._replace(why=why)
