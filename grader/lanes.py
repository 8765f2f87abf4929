"""Judges at work side by side: many jobs in, their events out."""

import os
import queue
import threading
from collections.abc import Iterator, Sequence

from grader import lane
from grader.model import Done, Event, Job


def judge_all(jobs: Sequence[Job], lanes: int = 0) -> Iterator[tuple[int, Event]]:
    """Do all jobs on as many judges (0: one a core); yields what happens, with the job's index, as it happens.

    Closing the iterator, or Ctrl-C, ends every process that was started.
    """
    if not jobs:
        return
    waiting, told = _Waiting(jobs), queue.SimpleQueue[tuple[int, Event]]()
    size = min(lanes or len(os.sched_getaffinity(0)), len(jobs))
    hands = [_Hand(judge, waiting, told) for judge in lane.team(size, jobs[0].hash_seed)]
    for hand in hands:
        hand.start()
    left = len(jobs)
    try:
        while left:
            index, event = told.get()
            left -= isinstance(event, Done)
            yield index, event
    finally:
        waiting.clear()
        for hand in hands:
            hand.judge.close()
            hand.finished.set()


class _Waiting:
    """Jobs not yet begun, by kata and hash seed; a judge keeps to one such while there is more of it."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[tuple[str, int], list[tuple[int, Job]]] = {}
        for index, job in reversed(list(enumerate(jobs))):
            self._jobs.setdefault((job.kata.id, job.hash_seed), []).append((index, job))
        self._busy = dict.fromkeys(self._jobs, 0)

    def take(self, last: tuple[str, int]) -> tuple[int, Job] | None:
        """The next job, of the same kata if there is one, else of the kata that fewest judges have been at."""
        with self._lock:
            left = [kata for kata, jobs in self._jobs.items() if jobs]
            if not left:
                return None
            kata = last if last in left else min(left, key=self._busy.__getitem__)
            self._busy[kata] += kata != last
            return self._jobs[kata].pop()

    def clear(self) -> None:
        """Give out nothing more."""
        with self._lock:
            self._jobs.clear()


class _Hand(threading.Thread):
    """Feeds one judge."""

    def __init__(self, judge: lane.Judge, waiting: _Waiting, told: queue.SimpleQueue[tuple[int, Event]]) -> None:
        super().__init__(daemon=True)
        self.judge = judge
        self.finished = threading.Event()
        self._waiting, self._told = waiting, told

    def run(self) -> None:
        last = ("", 0)
        while (taken := self._waiting.take(last)) is not None:
            index, job = taken
            last = (job.kata.id, job.hash_seed)
            for event in self.judge.events(job):
                self._told.put((index, event))
        # The kernel ends a judge with the thread that started it, and its sessions would not be waited for.
        self.finished.wait()
