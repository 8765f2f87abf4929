"""Schedules jobs on several judges at once: jobs in, their events out."""

import hashlib
import itertools
import queue
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator

import msgspec

from grader.grading import judge_process
from grader.judge.messages import fault
from grader.model import Done, Event, Job, Judged, Outcome, Planned, Status

_WINDOW = 256
"""Jobs looked at together, so that those of one kata follow each other; no more are held, however many there are."""
_REMEMBERED = 128
"""Reports kept for submissions that are handed in again, byte for byte."""

_Kind = tuple[str, int]
"""A kata and a hash seed."""
_Events = queue.SimpleQueue[tuple[int, Event]]


def judge_all(
    jobs: Iterable[Job], judges: int = 0, *, once: bool = False, confirm: bool = False
) -> Iterator[tuple[int, Event]]:
    """Do all jobs on as many judges (0: one a core); yields what happens, with the job's index, as it happens.

    Each job ends in exactly one Done. With `once`, jobs are begun in their order, and what is the same byte for byte is
    judged once; without, those of one kata follow each other. With `confirm`, what passes is looked at again by a judge
    of another process. Closing the iterator, or Ctrl-C, ends every process that was started.
    """
    numbered = enumerate(jobs)
    window = list(itertools.islice(numbered, _WINDOW))
    if not window:
        return
    events: _Events = queue.SimpleQueue()
    size = min(judges or judge_process.cores(), len(window))
    pending = _PendingJobs(size if once else _WINDOW)
    deduplicator = _Deduplicator(events) if once else None
    team = judge_process.team(size, window[0][1].hash_seed)
    feeders = [_Feeder(judge, pending, events, confirm=confirm) for judge in team]
    for feeder in feeders:
        feeder.start()
    left = 0
    try:
        while True:
            while window and pending.fewer_than(len(feeders)) and events.empty():
                left += len(window)
                pending.add(each for each in window if deduplicator is None or deduplicator.is_new(*each))
                window = list(itertools.islice(numbered, _WINDOW))
            if not left:
                return
            index, event = events.get()
            left -= isinstance(event, Done)
            if deduplicator is not None:
                pending.add(deduplicator.note(index, event))
            yield index, event
    finally:
        pending.end()
        for feeder in feeders:
            feeder.close()


class _PendingJobs:
    """Jobs not yet begun, in their order. Of the first few, a judge takes one of its current kata if there is one."""

    def __init__(self, near: int) -> None:
        self._near = near
        self._changed = threading.Condition()
        self._jobs: list[tuple[int, Job]] = []
        self._busy: dict[_Kind, int] = {}
        self._ended = False

    def add(self, jobs: Iterable[tuple[int, Job]]) -> None:
        """More to do."""
        with self._changed:
            self._jobs.extend(jobs)
            self._changed.notify_all()

    def fewer_than(self, number: int) -> bool:
        """Whether a feeder may soon find no job."""
        with self._changed:
            return len(self._jobs) < number

    def take(self, last: _Kind) -> tuple[int, Job] | None:
        """The next job: of the nearest one of the same kind, else of the kind that fewest judges have been at."""
        with self._changed:
            while not self._jobs:
                if self._ended:
                    return None
                self._changed.wait()
            near = [_kind(job) for _, job in self._jobs[: self._near]]
            kind = last if last in near else min(near, key=lambda each: self._busy.get(each, 0))
            self._busy[kind] = self._busy.get(kind, 0) + (kind != last)
            return self._jobs.pop(near.index(kind))

    def end(self) -> None:
        """Give out nothing more."""
        with self._changed:
            self._jobs.clear()
            self._ended = True
            self._changed.notify_all()


class _Deduplicator:
    """Judges the first of identical jobs, and replays its events for the rest."""

    def __init__(self, events: _Events) -> None:
        self._events = events
        self._known: OrderedDict[Job, Done] = OrderedDict()
        self._working: dict[int, Job] = {}
        self._following: dict[int, list[tuple[int, Job]]] = {}
        self._first: dict[Job, int] = {}

    def is_new(self, index: int, job: Job) -> bool:
        """Whether a job has to be done."""
        same = msgspec.structs.replace(job, code=hashlib.sha256(job.code).digest())
        if (done := self._known.get(same)) is not None:
            self._known.move_to_end(same)
            self._repeat(index, done)
        elif same in self._first:
            self._following.setdefault(self._first[same], []).append((index, job))
        else:
            self._first[same], self._working[index] = index, same
            return True
        return False

    def note(self, index: int, event: Event) -> list[tuple[int, Job]]:
        """Hear what happened. Gives what has to be judged after all: a fault of ours is nobody else's."""
        if not isinstance(event, Done) or (same := self._working.pop(index, None)) is None:
            return []
        del self._first[same]
        followers = self._following.pop(index, [])
        if event.report.fault:
            return [each for each in followers if self.is_new(*each)]
        self._known[same] = event
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        for follower, _ in followers:
            self._repeat(follower, event)
        return []

    def _repeat(self, index: int, done: Done) -> None:
        self._events.put((index, Planned(done.kata, done.report.checks)))
        for verdict in done.report.verdicts:
            self._events.put((index, Judged(done.kata, verdict)))
        self._events.put((index, done))


class _Feeder(threading.Thread):
    """Feeds one judge. Every job that it takes ends in one Done, whatever happens to the judge or to itself."""

    def __init__(self, judge: judge_process.Judge, pending: _PendingJobs, events: _Events, *, confirm: bool) -> None:
        super().__init__(daemon=True)
        self._judge, self._second = judge, judge_process.Judge() if confirm else None
        self._finished = threading.Event()
        self._pending, self._events = pending, events

    def run(self) -> None:
        """Do one job after the other."""
        if self._second is not None:
            self._second.start()  # before anything of a learner's has been looked at
        last: _Kind = ("", 0)
        while (taken := self._pending.take(last)) is not None:
            index, job = taken
            last = _kind(job)
            self._events.put((index, self._done(index, job)))
        # The kernel ends a judge with the thread that started it, and its sessions would not be waited for.
        self._finished.wait()

    def close(self) -> None:
        """End its judges; it ends by itself, once it finds nothing more to do."""
        for judge in filter(None, (self._judge, self._second)):
            judge.close()
        self._finished.set()

    def _done(self, index: int, job: Job) -> Done:
        """Have a job done; tell all but its end, which is given back."""
        try:
            for event in self._judge.events(job):
                if isinstance(event, Done):
                    return self._confirmed(job, event)
                self._events.put((index, event))
        except Exception as error:  # noqa: BLE001  whatever it is, somebody waits for an end
            return Done(job.kata.id, fault(job, f"{type(error).__name__}: {error}"))
        return Done(job.kata.id, fault(job, "the judge told no end"))

    def _confirmed(self, job: Job, done: Done) -> Done:
        """What passed is looked at again where the same trick with memory would meet other addresses."""
        if self._second is None or done.report.status is not Status.PASSED:
            return done
        again = msgspec.structs.replace(job, second_look=True, watched=False, shrink=False)
        *_, other = self._second.events(again)
        if not isinstance(other, Done) or other.report.fault:
            why = other.report.fault if isinstance(other, Done) else "it told no end"
            return Done(job.kata.id, fault(job, f"the second look failed: {why}"))
        verdicts = other.report.verdicts
        refused = [verdict.check for verdict in verdicts if verdict.outcome is not Outcome.PASSED]
        if refused or not verdicts:
            named = ", ".join(refused[:3]) or "no check was run"
            return Done(job.kata.id, fault(job, f"a second judge does not confirm that it passed ({named})"))
        return done


def _kind(job: Job) -> _Kind:
    return job.kata.id, job.hash_seed
