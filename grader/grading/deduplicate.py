"""What is handed in several times, byte for byte, is judged once."""

import hashlib
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator

import msgspec

from grader.grading.scheduler import LOOKAHEAD, JudgePool, Numbered, Run
from grader.model import Done, Job, Judged, Planned

REMEMBERED = 128
"""Reports that are kept for jobs that come again."""


def judged_once(pool: JudgePool, jobs: Iterable[Job]) -> Iterator[Numbered]:
    """As `pool.run`, in the order of the jobs; of identical ones the first is judged, and its events are repeated."""
    first, jobs = pool.peek(jobs)
    if not first:
        return
    known = _Deduplicator()
    with Run(pool, near=pool.size) as run:
        for index, job in enumerate(jobs):
            while run.full or known.following >= LOOKAHEAD:
                yield from known.heard(run)
            known.enter(run, index, job)
            yield from known.repeated()
        while run.unfinished:
            yield from known.heard(run)


class _Deduplicator:
    """Knows which jobs were judged, which are at work, and who waits for their end."""

    def __init__(self) -> None:
        self.following = 0
        """Jobs that wait for the end of an identical one."""
        self._known: OrderedDict[Job, Done] = OrderedDict()
        self._first: dict[Job, int] = {}
        self._working: dict[int, tuple[Job, Job]] = {}
        self._followers: dict[int, list[int]] = {}
        self._repeats: deque[Numbered] = deque()

    def enter(self, run: Run, index: int, job: Job) -> None:
        """Have a job judged, unless an identical one was or is."""
        same = msgspec.structs.replace(job, code=hashlib.sha256(job.code).digest())
        if (done := self._known.get(same)) is not None:
            self._known.move_to_end(same)
            self._repeat(index, done)
        elif (first := self._first.get(same)) is not None:
            self._followers.setdefault(first, []).append(index)
            self.following += 1
        else:
            self._first[same], self._working[index] = index, (same, job)
            run.add(index, job)

    def heard(self, run: Run) -> Iterator[Numbered]:
        """The next event of the run, and what it means for identical jobs."""
        index, event = run.next_event()
        yield index, event
        if not isinstance(event, Done):
            return
        same, job = self._working.pop(index)
        del self._first[same]
        followers = self._followers.pop(index, [])
        self.following -= len(followers)
        if event.report.fault:  # it is ours and nobody else's: the next identical job is judged after all
            for follower in followers:
                self.enter(run, follower, job)
            return
        self._known[same] = event
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        for follower in followers:
            self._repeat(follower, event)
            yield from self.repeated()

    def repeated(self) -> Iterator[Numbered]:
        """Events of jobs that need no judging."""
        while self._repeats:
            yield self._repeats.popleft()

    def _repeat(self, index: int, done: Done) -> None:
        self._repeats.append((index, Planned(done.kata, done.report.checks)))
        self._repeats.extend((index, Judged(done.kata, verdict)) for verdict in done.report.verdicts)
        self._repeats.append((index, done))
