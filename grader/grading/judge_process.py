"""The command's side of a judge: start one, send it a job, read its events."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence

from grader.judge.messages import Request, fault
from grader.model import Done, Event, GraderError
from grader.process import keep_standard_streams
from grader.protocol.channel import Pipe

_ALONE = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "HYPOTHESIS_NO_PLUGINS": "1",  # no plugin that happens to be installed takes part in judging
}
_PROGRAM = ("-m", "grader.judge.server")
_RESTARTS = 1
_PATIENCE = 5.0


class _Process:
    """A process and the judges that are forks of it. It ends when its last user leaves."""

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
        """One judge fewer is wanted. If the last to leave is at work, the process is terminated at once."""
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
    """Start a team before its jobs are known: it imports while the command does."""
    _warm[:] = _started(size, 0)


def team(size: int, hash_seed: int = 0) -> list["Judge"]:
    """So many judges, forks of one process that has imported everything once."""
    ready = list(_warm)
    _warm.clear()
    if len(ready) >= size and hash_seed == 0:
        for judge in ready[size:]:
            judge.close()
        return ready[:size]
    for judge in ready:
        judge.close()
    return _started(size, hash_seed)


def _started(size: int, hash_seed: int) -> list["Judge"]:
    keep_standard_streams()
    pairs = [socket.socketpair() for _ in range(size - 1)]
    process = _Process(hash_seed, [theirs for _, theirs in pairs])
    for _, theirs in pairs:
        theirs.close()
    return [Judge(process, each) for each in (process.first, *(ours for ours, _ in pairs))]


class Judge:
    """The client of one judge. If the judge dies, another is started."""

    def __init__(self, process: _Process | None = None, end: socket.socket | None = None) -> None:
        self._process = process
        self._pipe: Pipe[Request, Event] | None = None if end is None else Pipe(end, Event)
        self._busy = self._closed = False
        self._starting = threading.Lock()

    def events(self, request: Request) -> Iterator[Event]:
        """What happens while a job is done, as it happens; the last event is always Done."""
        kata, why = request.job.kata, ""
        for _ in range(_RESTARTS + 1):
            try:
                for event in self._asked(request):
                    yield event
                    if isinstance(event, Done):
                        return
            except (EOFError, OSError):
                why = "the judge's process ended unexpectedly"
                self._leave()
            except Exception as error:  # noqa: BLE001  what can't even be asked is our fault too
                why = f"{type(error).__name__}: {error}"
                self._leave()
            if self._closed:
                break
        yield Done(kata, fault(kata, why))

    @property
    def pid(self) -> int | None:
        """Of its process, while it has one."""
        return None if self._process is None else self._process.pid

    def start(self, hash_seed: int = 0) -> Pipe[Request, Event]:
        """Start its process before it is needed. Raises GraderError once it is closed."""
        keep_standard_streams()
        with self._starting:
            if self._closed:
                raise GraderError("the judge was stopped")
            self._process = _Process(hash_seed)
            self._pipe = Pipe(self._process.first, Event)
            return self._pipe

    def close(self) -> None:
        """End its process and everything that this has started, at once if it is at work. It never starts again."""
        with self._starting:
            self._closed = True
        self._leave()

    def _leave(self) -> None:
        process, self._process = self._process, None
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if process is not None:
            process.leave(busy=self._busy)
        self._busy = False

    def _asked(self, request: Request) -> Iterator[Event]:
        hash_seed = request.job.audit.hash_seed
        if self._process is not None and hash_seed != self._process.hash_seed:
            self._leave()
        pipe = self._pipe or self.start(hash_seed)
        self._busy = True
        pipe.send(request)
        while True:
            event = pipe.receive()
            self._busy = not isinstance(event, Done)
            yield event


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _nothing() -> None:
    """An idle judge ends by itself when its pipe is closed."""
