"""The command's side of a judge: start one, give it a job, read what it says."""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence

from grader.judge.messages import fault
from grader.model import Done, Event, Job
from grader.process import keep_standard_streams
from grader.protocol.channel import Pipe

_ALONE = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "HYPOTHESIS_NO_PLUGINS": "1",  # nothing that happens to be installed takes part in judging
}
_PROGRAM = ("-m", "grader.judge.server")
_RESTARTS = 1
_PATIENCE = 5.0


class _Process:
    """A process of judges; it ends with the last who leaves it."""

    def __init__(self, hash_seed: int, others: Sequence[socket.socket] = ()) -> None:
        ours, theirs = socket.socketpair()
        numbers = [other.fileno() for other in others]
        with theirs:
            self._running = subprocess.Popen(
                [sys.executable, "-P", "-W", "ignore", *_PROGRAM, *map(str, numbers)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                pass_fds=numbers,
                process_group=0,  # Ctrl-C is for the command: it decides when its judges stop
                env={**os.environ, **_ALONE, "PYTHONHASHSEED": str(hash_seed)},
            )
        self.first = ours
        self.hash_seed = hash_seed
        self._users = 1 + len(others)

    @property
    def pid(self) -> int:
        """Of the process that all its judges are forks of."""
        return self._running.pid

    def leave(self, *, busy: bool) -> None:
        """One judge fewer is wanted of it; a judge that is at work when the last leaves is stopped."""
        self._users -= 1
        if self._users:
            return
        for end in (*(() if busy else (_nothing,)), self._running.terminate, self._running.kill):
            end()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._running.wait(_PATIENCE)
                return


_warm: list["Judge"] = []


def warm(size: int) -> None:
    """Start a team before it is known what it shall do: it imports while the command does."""
    _warm[:] = _started(size, 0)


def team(size: int, hash_seed: int = 0) -> list["Judge"]:
    """So many judges in processes of their own, forked from one that has imported everything once."""
    ready = list(_warm)
    _warm.clear()
    if len(ready) >= size and hash_seed == 0:
        for judge in ready[size:]:
            judge.close()
        return ready[:size]
    for judge in ready:
        judge.close()
    return _started(size, hash_seed)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _started(size: int, hash_seed: int) -> list["Judge"]:
    keep_standard_streams()
    pairs = [socket.socketpair() for _ in range(size - 1)]
    process = _Process(hash_seed, [theirs for _, theirs in pairs])
    for _, theirs in pairs:
        theirs.close()
    return [Judge(process, each) for each in (process.first, *(ours for ours, _ in pairs))]


class Judge:
    """A judge in a process of its own, started anew if it dies."""

    def __init__(self, process: _Process | None = None, end: socket.socket | None = None) -> None:
        self._process = process
        self._pipe: Pipe[Job, Event] | None = None if end is None else Pipe(end, Event)
        self._busy = False

    def events(self, job: Job) -> Iterator[Event]:
        """What happens while a job is done, as it happens; the last event is Done, whatever happens."""
        why = ""
        for _ in range(_RESTARTS + 1):
            try:
                for event in self._asked(job):
                    yield event
                    if isinstance(event, Done):
                        return
            except (EOFError, OSError):
                why = "the judge's process ended unexpectedly"
                self.close()
            except Exception as error:  # noqa: BLE001  what can't even be asked is our fault too
                why = f"{type(error).__name__}: {error}"
                self.close()
        yield Done(job.kata.id, fault(job, why))

    @property
    def pid(self) -> int | None:
        """Of its process, while it has one."""
        return None if self._process is None else self._process.pid

    def start(self, hash_seed: int = 0) -> Pipe[Job, Event]:
        """Have it up before it is needed."""
        keep_standard_streams()
        self._process = _Process(hash_seed)
        self._pipe = Pipe(self._process.first, Event)
        return self._pipe

    def close(self) -> None:
        """End the judge and everything that it has started; at once if it is at work."""
        process, self._process = self._process, None
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if process is not None:
            process.leave(busy=self._busy)
        self._busy = False

    def _asked(self, job: Job) -> Iterator[Event]:
        if self._process is not None and job.hash_seed != self._process.hash_seed:
            self.close()
        pipe = self._pipe or self.start(job.hash_seed)
        self._busy = True
        pipe.send(job)
        while True:
            event = pipe.receive()
            self._busy = not isinstance(event, Done)
            yield event


def _nothing() -> None:
    """An idle judge ends by itself when its pipe is closed."""
