"""Judges at work side by side: jobs in, as many at a time as are needed; their events out."""

import hashlib
import itertools
import queue
import threading
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator

import msgspec

from grader import lane
from grader.model import Done, Event, Job, Judged, Planned

_WINDOW = 256
"""Jobs looked at together, so that those of one kata follow each other; no more are held, however many there are."""
_REMEMBERED = 128
"""Reports kept for submissions that are handed in again, byte for byte."""

_Told = queue.SimpleQueue[tuple[int, Event]]


def judge_all(jobs: Iterable[Job], lanes: int = 0, *, once: bool = False) -> Iterator[tuple[int, Event]]:
    """Do all jobs on as many judges (0: one a core); yields what happens, with the job's index, as it happens.

    With `once`, what is the same byte for byte is judged once. Closing the iterator, or Ctrl-C, ends every process that
    was started.
    """
    numbered = enumerate(jobs)
    window = list(itertools.islice(numbered, _WINDOW))
    if not window:
        return
    told: _Told = queue.SimpleQueue()
    waiting, twins = _Waiting(), _Twins(told) if once else None
    team = lane.team(min(lanes or lane.cores(), len(window)), window[0][1].hash_seed)
    hands = [_Hand(judge, waiting, told) for judge in team]
    for hand in hands:
        hand.start()
    left = 0
    try:
        while True:
            while window and waiting.few(len(hands)) and told.empty():
                left += len(window)
                waiting.add([(index, job) for index, job in window if twins is None or twins.is_new(index, job)])
                window = list(itertools.islice(numbered, _WINDOW))
            if not left:
                return
            index, event = told.get()
            left -= isinstance(event, Done)
            if twins is not None:
                twins.note(index, event)
            yield index, event
    finally:
        waiting.end()
        for hand in hands:
            hand.judge.close()
            hand.finished.set()


class _Waiting:
    """Jobs not yet begun, by kata and hash seed; a judge keeps to one such while there is more of it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._jobs: dict[tuple[str, int], deque[tuple[int, Job]]] = {}
        self._busy: dict[tuple[str, int], int] = {}
        self._ended = False

    def add(self, jobs: Iterable[tuple[int, Job]]) -> None:
        """More to do."""
        with self._changed:
            for index, job in jobs:
                self._jobs.setdefault((job.kata.id, job.hash_seed), deque()).append((index, job))
            self._changed.notify_all()

    def few(self, hands: int) -> bool:
        """Whether somebody may soon have nothing to do."""
        with self._changed:
            return sum(map(len, self._jobs.values())) < hands

    def take(self, last: tuple[str, int]) -> tuple[int, Job] | None:
        """The next job, of the same kata if there is one, else of the kata that fewest judges have been at."""
        with self._changed:
            while not any(self._jobs.values()):
                if self._ended:
                    return None
                self._changed.wait()
            left = [kata for kata, jobs in self._jobs.items() if jobs]
            kata = last if last in left else min(left, key=lambda each: self._busy.get(each, 0))
            self._busy[kata] = self._busy.get(kata, 0) + (kata != last)
            return self._jobs[kata].popleft()

    def end(self) -> None:
        """Give out nothing more."""
        with self._changed:
            self._jobs.clear()
            self._ended = True
            self._changed.notify_all()


class _Twins:
    """Jobs that are the same byte for byte: one is done, and what was told of it is told of the others."""

    def __init__(self, told: _Told) -> None:
        self._told = told
        self._known: OrderedDict[Job, Done] = OrderedDict()
        self._working: dict[int, Job] = {}
        self._following: dict[int, list[int]] = {}
        self._first: dict[Job, int] = {}

    def is_new(self, index: int, job: Job) -> bool:
        """Whether a job has to be done."""
        same = msgspec.structs.replace(job, code=hashlib.sha256(job.code).digest())
        if (done := self._known.get(same)) is not None:
            self._known.move_to_end(same)
            self._repeat(index, done)
        elif same in self._first:
            self._following.setdefault(self._first[same], []).append(index)
        else:
            self._first[same], self._working[index] = index, same
            return True
        return False

    def note(self, index: int, event: Event) -> None:
        """Hear what happened."""
        if not isinstance(event, Done) or (same := self._working.pop(index, None)) is None:
            return
        del self._first[same]
        self._known[same] = event
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        for follower in self._following.pop(index, ()):
            self._repeat(follower, event)

    def _repeat(self, index: int, done: Done) -> None:
        self._told.put((index, Planned(done.kata, done.report.checks)))
        for verdict in done.report.verdicts:
            self._told.put((index, Judged(done.kata, verdict)))
        self._told.put((index, done))


class _Hand(threading.Thread):
    """Feeds one judge."""

    def __init__(self, judge: lane.Judge, waiting: _Waiting, told: _Told) -> None:
        super().__init__(daemon=True)
        self.judge = judge
        self.finished = threading.Event()
        self._waiting, self._told = waiting, told

    def run(self) -> None:
        """Do one job after the other."""
        last = ("", 0)
        while (taken := self._waiting.take(last)) is not None:
            index, job = taken
            last = (job.kata.id, job.hash_seed)
            for event in self.judge.events(job):
                self._told.put((index, event))
        # The kernel ends a judge with the thread that started it, and its sessions would not be waited for.
        self.finished.wait()
