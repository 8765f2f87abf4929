"""Jobs that wait for a judge."""

import threading
from collections.abc import Callable
from typing import NamedTuple

from grader.model import Event, Job

Kind = tuple[str, int]
"""A kata and a hash seed: what a judge is warm for."""


class Pending(NamedTuple):
    """A job, its number in its run, and who is told of its events."""

    tell: Callable[[tuple[int, Event]], None]
    number: int
    job: Job


class PendingJobs:
    """A queue. Among its first few jobs, a judge prefers one of the kata that it is warm for."""

    def __init__(self) -> None:
        self.near = 1
        """How many jobs at the front are looked at."""
        self._changed = threading.Condition()
        self._jobs: list[Pending] = []
        self._judges: dict[Kind, int] = {}
        """How many judges have been warm for it."""
        self._closed = False

    def __len__(self) -> int:
        with self._changed:
            return len(self._jobs)

    def add(self, job: Pending) -> None:
        """Append a job."""
        with self._changed:
            self._jobs.append(job)
            self._changed.notify()

    def take(self, last: Kind) -> Pending | None:
        """Wait for a job and take it: of the kind of the last one, else of the kind that fewest judges are warm for.

        None once the queue is closed.
        """
        with self._changed:
            while not self._jobs:
                if self._closed:
                    return None
                self._changed.wait()
            near = [kind_of(each.job) for each in self._jobs[: self.near]]
            kind = last if last in near else min(near, key=lambda each: self._judges.get(each, 0))
            self._judges[kind] = self._judges.get(kind, 0) + (kind != last)
            return self._jobs.pop(near.index(kind))

    def close(self) -> None:
        """Drop what nobody has taken, and give out nothing more."""
        with self._changed:
            self._jobs.clear()
            self._closed = True
            self._changed.notify_all()


def kind_of(job: Job) -> Kind:
    """What a judge of this job becomes warm for."""
    return job.kata, job.audit.hash_seed
