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


class Judge:
    """A judge in a process of its own, started anew if it dies."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Pipe[Job, Event] | None = None

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
        """End the judge and everything that it has started."""
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
        self._process = self._pipe = None

    def _asked(self, job: Job) -> Iterator[Event]:
        if self._pipe is None:
            self._start()
        assert self._pipe is not None  # noqa: S101  _start has set it
        self._pipe.send(job)
        while True:
            yield self._pipe.receive()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "grader.judge"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env={**os.environ, **dict.fromkeys(_ALONE, "1")},
            )
        self._pipe = Pipe(ours, Event)
