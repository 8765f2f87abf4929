"""Schedules jobs on several judges: jobs in, their events out."""

import itertools
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Self

import msgspec

from grader.content import catalog
from grader.grading import judge_process
from grader.grading.pending import Kind, Pending, PendingJobs, kind_of
from grader.judge.messages import Request, fault
from grader.model import Done, Event, Extent, Job, Kata, Outcome, Status

LOOKAHEAD = 256
"""Jobs that wait at most, however many there are."""

Numbered = tuple[int, Event]


class JudgePool:
    """Judges that stay warm from one run to the next. One run at a time."""

    def __init__(self, size: int = 0, *, confirm: bool = False, find: Callable[[str], Kata] = catalog.find) -> None:
        """`size` 0 is one judge a core. With `confirm`, a judge of another process looks again at what passes."""
        self.size = size or judge_process.cores()
        self.confirm, self._find = confirm, find
        self.pending = PendingJobs()
        self._feeders: list[_Feeder] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, jobs: Iterable[Job], *, near: int = LOOKAHEAD) -> Iterator[Numbered]:
        """Do all jobs; yields each event with its job's index, as it happens. Each job ends in exactly one Done.

        Jobs of one kata follow each other, as far as they are among the `near` next ones. Jobs are taken as they are
        needed. Closing the iterator stops what is at work.
        """
        first, jobs = self.peek(jobs)
        if not first:
            return
        with Run(self, near) as run:
            for index, job in enumerate(jobs):
                while run.full:
                    yield run.next_event()
                run.add(index, job)
            while run.unfinished:
                yield run.next_event()

    def peek(self, jobs: Iterable[Job]) -> tuple[list[Job], Iterator[Job]]:
        """Look at the first jobs and start a judge for each, up to the pool's size; all jobs are given back."""
        rest = iter(jobs)
        first = list(itertools.islice(rest, self.size))
        missing = len(first) - len(self._feeders)
        if missing > 0:
            for judge in judge_process.team(missing, first[0].audit.hash_seed):
                feeder = _Feeder(judge, self.pending, self._find, confirm=self.confirm)
                self._feeders.append(feeder)
                feeder.start()
        return first, itertools.chain(first, rest)

    def close(self) -> None:
        """Drop all jobs, also those at work, and end every process. Another run would start new ones."""
        self.pending.close()
        for feeder in self._feeders:
            feeder.close()
        self._feeders.clear()
        self.pending = PendingJobs()


def judge_all(jobs: Iterable[Job], katas: Iterable[Kata]) -> Iterator[Numbered]:
    """Do all jobs, which are of these katas, on a pool of their own."""
    with JudgePool(find={kata.id: kata for kata in katas}.__getitem__) as pool:
        yield from pool.run(jobs)


class Run:
    """The jobs of one run on a pool, and the events that come back."""

    def __init__(self, pool: JudgePool, near: int) -> None:
        self._pool, self._pending = pool, pool.pending
        self._pending.near = near
        self._events: queue.SimpleQueue[Numbered] = queue.SimpleQueue()
        self.unfinished = 0
        """Jobs of which no Done was taken."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.unfinished:
            self._pool.close()

    @property
    def full(self) -> bool:
        """Whether enough jobs wait."""
        return len(self._pending) >= LOOKAHEAD

    def add(self, index: int, job: Job) -> None:
        """One more job."""
        self.unfinished += 1
        self._pending.add(Pending(self._events.put, index, job))

    def next_event(self) -> Numbered:
        """Wait for the next event."""
        index, event = self._events.get()
        self.unfinished -= isinstance(event, Done)
        return index, event


class _Feeder(threading.Thread):
    """Feeds one judge. Every job that it takes ends in one Done, whatever happens to the judge or to itself."""

    def __init__(
        self, judge: judge_process.Judge, pending: PendingJobs, find: Callable[[str], Kata], *, confirm: bool
    ) -> None:
        super().__init__(daemon=True)
        self._judge, self._second = judge, judge_process.Judge() if confirm else None
        self._pending, self._find = pending, find
        self._finished = threading.Event()

    def run(self) -> None:
        """Do one job after the other."""
        if self._second is not None:
            self._second.start()  # before this command has looked at any learner's code
        last: Kind = ("", 0)
        while (taken := self._pending.take(last)) is not None:
            last = kind_of(taken.job)
            taken.tell((taken.number, self._done(taken)))
        # The kernel ends a judge with the thread that started it, and its sessions would not be waited for.
        self._finished.wait()

    def close(self) -> None:
        """End its judges. The thread ends by itself, once the queue is closed."""
        for judge in filter(None, (self._judge, self._second)):
            judge.close()
        self._finished.set()

    def _done(self, taken: Pending) -> Done:
        """Have a job done; tell every event but its end, which is returned."""
        kata = taken.job.kata
        try:
            request = Request(self._find(kata), taken.job)
            for event in self._judge.events(request):
                if isinstance(event, Done):
                    return self._confirmed(request, event)
                taken.tell((taken.number, event))
        except Exception as error:  # noqa: BLE001  whatever it is, somebody waits for an end
            return Done(kata, fault(kata, f"{type(error).__name__}: {error}"))
        return Done(kata, fault(kata, "the judge told no end"))

    def _confirmed(self, request: Request, done: Done) -> Done:
        """Have a second judge look again at what passed: the same trick with memory would meet other addresses."""
        if self._second is None or done.report.status is not Status.PASSED:
            return done
        sample = msgspec.structs.replace(request.job, extent=Extent.SAMPLE, watched=False, shrink=False)
        *_, other = self._second.events(Request(request.kata, sample))
        kata = request.job.kata
        if not isinstance(other, Done) or other.report.fault:
            why = other.report.fault if isinstance(other, Done) else "it told no end"
            return Done(kata, fault(kata, f"the second look failed: {why}"))
        verdicts = other.report.verdicts
        refused = [verdict.check for verdict in verdicts if verdict.outcome is not Outcome.PASSED]
        if refused or not verdicts:
            named = ", ".join(refused[:3]) or "no check was run"
            return Done(kata, fault(kata, f"a second judge does not confirm that it passed ({named})"))
        return done
