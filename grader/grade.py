"""The main path: submissions in, one Report each out."""

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from grader import catalog, scoring
from grader.lane import Judge
from grader.model import Done, Event, Isolation, Job, KataReport, Limits, Report, Submission

Watch = Callable[[str, Event], None]


class Options(msgspec.Struct, frozen=True):
    """How to grade."""

    isolation: Isolation
    seed: int = 0
    limits: Limits = Limits()
    lanes: int = 0
    """Judges at work at once; 0 for one a core."""


def grade(submissions: Sequence[Submission], options: Options, watch: Watch = lambda *_: None) -> Iterator[Report]:
    """Judge every source of every submission, and yield the reports in the order of the submissions.

    Closing the iterator, or Ctrl-C, ends every process that was started; reports already yielded stand.
    """
    work = _Work(submissions, options)
    lanes = options.lanes or os.cpu_count() or 1
    hands = [_Hand(work) for _ in range(min(lanes, work.size))]
    for hand in hands:
        hand.start()
    try:
        for index, submission in enumerate(submissions):
            yield _report(submission, options, work, index, watch)
    finally:
        work.stop()
        for hand in hands:
            hand.judge.close()


class _Work:
    """Jobs to be done and what has come of them; a judge keeps to a kata while there is more of it."""

    def __init__(self, submissions: Sequence[Submission], options: Options) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, list[tuple[int, Job]]] = {}
        for index, submission in enumerate(submissions):
            for source in submission.sources:
                job = Job(catalog.find(source.kata), source.code, options.isolation, options.seed, options.limits)
                self._waiting.setdefault(job.kata.id, []).append((index, job))
        self.size = sum(map(len, self._waiting.values()))
        self._busy: dict[str, int] = {}
        self.done: list[queue.SimpleQueue[Event]] = [queue.SimpleQueue() for _ in submissions]

    def take(self, last: str) -> tuple[int, Job] | None:
        """The next job, of the same kata if there is one, else of the kata that fewest others are at."""
        with self._lock:
            left = [kata for kata, jobs in self._waiting.items() if jobs]
            if not left:
                return None
            kata = last if last in left else min(left, key=lambda each: self._busy.get(each, 0))
            self._busy[kata] = self._busy.get(kata, 0) + (kata != last)
            return self._waiting[kata].pop(0)

    def stop(self) -> None:
        """Give out nothing more."""
        with self._lock:
            self._waiting.clear()


class _Hand(threading.Thread):
    """Feeds one judge."""

    def __init__(self, work: _Work) -> None:
        super().__init__(daemon=True)
        self.judge = Judge()
        self._work = work

    def run(self) -> None:
        last = ""
        while (taken := self._work.take(last)) is not None:
            index, job = taken
            last = job.kata.id
            for event in self.judge.events(job):
                self._work.done[index].put(event)


def _report(submission: Submission, options: Options, work: _Work, index: int, watch: Watch) -> Report:
    """Wait for a submission's katas, passing on what happens meanwhile."""
    started, began = datetime.now(UTC), time.monotonic()
    found: dict[str, KataReport] = {}
    while len(found) < len(submission.sources):
        event = work.done[index].get()
        watch(submission.name, event)
        if isinstance(event, Done):
            found[event.kata] = event.report
    katas = tuple(found[source.kata] for source in submission.sources)
    return Report(
        submission=submission.name,
        sha256=submission.sha256,
        status=scoring.submission_status(katas),
        isolation=options.isolation,
        seed=options.seed,
        started=started.isoformat(timespec="seconds"),
        seconds=time.monotonic() - began,
        katas=katas,
    )
