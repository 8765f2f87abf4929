"""The command's side of a judge: start one, give it a job, read what it says."""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator

from grader.model import Done, Event, Job, KataReport, Status
from grader.pipe import Pipe

_ALONE = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_RESTARTS = 1
_PATIENCE = 5.0


class Judge:
    """A judge in a process of its own, started anew if it dies."""

    def __init__(self) -> None:
        self._hash_seed = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Pipe[Job, Event] | None = None
        self._busy = False

    def events(self, job: Job) -> Iterator[Event]:
        """What happens while a job is done, as it happens; the last event is Done, whatever happens."""
        for attempt in range(_RESTARTS + 1):
            told = False
            try:
                for event in self._asked(job):
                    told = True
                    yield event
                    if isinstance(event, Done):
                        return
            except (EOFError, OSError):
                self.close()
                # Begun and cut short isn't tried again: the events so far have been shown.
                if told or attempt == _RESTARTS:
                    break
        yield Done(job.kata.id, KataReport(job.kata.id, Status.ERROR, fault="the judge's process ended unexpectedly"))

    def close(self) -> None:
        """End the judge and everything that it has started; at once if it is at work."""
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            for end in (*(() if self._busy else (_nothing,)), self._process.terminate, self._process.kill):
                end()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(_PATIENCE)
                    break
        self._process = self._pipe = None
        self._busy = False

    def _asked(self, job: Job) -> Iterator[Event]:
        if self._pipe is not None and job.hash_seed != self._hash_seed:
            self.close()
        if self._pipe is None:
            self._start(job.hash_seed)
        assert self._pipe is not None  # noqa: S101  _start has set it
        self._busy = True
        self._pipe.send(job)
        while True:
            event = self._pipe.receive()
            self._busy = not isinstance(event, Done)
            yield event

    def _start(self, hash_seed: int) -> None:
        self._hash_seed = hash_seed
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-W", "ignore", "-m", "grader.judge"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                process_group=0,  # Ctrl-C is for the command: it decides when its judges stop
                env={**os.environ, **dict.fromkeys(_ALONE, "1"), "PYTHONHASHSEED": str(hash_seed)},
            )
        self._pipe = Pipe(ours, Event)


def _nothing() -> None:
    """An idle judge ends by itself when its pipe is closed."""
