"""The main path: submissions in, one Report each out."""

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

import msgspec

from grader import scoring
from grader.content import catalog
from grader.grading.deduplicate import judged_once
from grader.grading.scheduler import JudgePool, Numbered
from grader.grading.versions import hash_of, versions
from grader.model import (
    Done,
    Event,
    Examples,
    Extent,
    Job,
    KataReport,
    Limits,
    Outcome,
    Reason,
    Report,
    Status,
    Submission,
    Unread,
    Verdict,
)

Watch = Callable[[str, Event], None]


class Options(msgspec.Struct, frozen=True):
    """How to grade."""

    isolation: str
    """As resolved: never auto."""
    seed: int = 0
    limits: Limits | None = None
    """The same for each kata; None: what follows from the kata's reference."""
    limit_scale: float = 1.0
    """For a slow machine: what those are multiplied by."""
    judges: int = 0
    """Judges at work at once; 0 for one a core."""
    certified: bool = False
    """Draw examples anew, whatever is kept from before, and have each pass confirmed by a second judge."""
    shrink: bool = False
    """Search for a smaller example where a drawn one fails: for somebody who practises."""
    watched: bool = True
    """Whether `watch` is to be called for each check as it begins and ends."""
    ordered: bool = False
    """Reports in the order of the submissions, rather than each as soon as it is done."""


def grade(
    submissions: Iterable[Submission | Unread],
    options: Options,
    pool: JudgePool,
    watch: Watch = lambda *_: None,
) -> Iterator[Report]:
    """Judge every source of every submission, and yield each one's report as soon as it is done.

    Submissions are taken as they are needed, so that any number of them takes the memory of a few. Closing the
    iterator, or Ctrl-C, stops what is at work; reports already yielded stand.
    """
    open_ones = _OpenSubmissions(options)
    jobs = open_ones.jobs_of(submissions)
    events = judged_once(pool, jobs)
    for submission in open_ones.completed_by(events, watch):
        yield _report(submission, options)


def pool_for(options: Options) -> JudgePool:
    """Judges as these options want them. Close them, or use them again for another run with the same options."""
    return JudgePool(options.judges, confirm=options.certified)


class _Open:
    """A submission, and what is known of its katas so far."""

    def __init__(self, submission: Submission | Unread) -> None:
        self.submission = submission
        self.found: dict[str, KataReport] = {}
        self.started: datetime | None = None
        self._of = 0 if isinstance(submission, Unread) else len(submission.sources) + len(submission.missing)

    @property
    def done(self) -> bool:
        return len(self.found) == self._of


class _OpenSubmissions:
    """Those whose jobs are not all done: makes the jobs, and gathers what becomes of them."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._open: deque[_Open] = deque()
        self._owners: dict[int, _Open] = {}
        self._numbers = itertools.count()

    def jobs_of(self, submissions: Iterable[Submission | Unread]) -> Iterator[Job]:
        """One job for each kata of each submission."""
        for submission in submissions:
            owner = _Open(submission)
            self._open.append(owner)
            if isinstance(submission, Submission):
                for job in _jobs(submission, self._options):
                    self._owners[next(self._numbers)] = owner
                    yield job

    def completed_by(self, events: Iterable[Numbered], watch: Watch) -> Iterator[_Open]:
        """Each submission as soon as its last job is done, or in order."""
        for index, event in events:
            owner = self._owners[index]
            owner.started = owner.started or datetime.now(UTC)
            watch(_path(owner.submission), event)
            if isinstance(event, Done):
                owner.found[event.kata] = event.report
                del self._owners[index]
                yield from self._taken_out()
        yield from self._taken_out()

    def _taken_out(self) -> Iterator[_Open]:
        """What is done: from the front, or wherever it stands."""
        if self._options.ordered:
            while self._open and self._open[0].done:
                yield self._open.popleft()
            return
        for owner in [each for each in self._open if each.done]:
            self._open.remove(owner)
            yield owner


def _jobs(submission: Submission, options: Options) -> Iterator[Job]:
    for source in submission.sources:
        yield _job(source.kata, source.code, options)
    for kata in submission.missing:
        yield msgspec.structs.replace(_job(kata, b"", options), extent=Extent.PLAN)


def _job(kata: str, code: bytes, options: Options) -> Job:
    return Job(
        kata,
        code,
        options.isolation,
        options.seed,
        options.limits,
        options.limit_scale,
        examples=Examples.ANEW if options.certified else Examples.BANK,
        shrink=options.shrink,
        watched=options.watched,
    )


def _report(done: _Open, options: Options) -> Report:
    submission = done.submission
    if isinstance(submission, Unread):
        status = Status.ERROR if submission.fault else Status.UNREADABLE
        facts: dict[str, object] = {"status": status, "reason": submission.reason, "fault": submission.fault}
    else:
        facts = _judged_facts(submission, done.found)
    blank = Report(
        submission=_path(submission),
        sha256="",
        status=Status.ERROR,
        isolation=options.isolation,
        seed=options.seed,
        started=(done.started or datetime.now(UTC)).isoformat(timespec="seconds"),
        seconds=0.0,
        katas=(),
        name=submission.name,
        certified=options.certified,
        limit_scale=options.limit_scale,
        versions=versions(),
    )
    return msgspec.structs.replace(blank, **facts)


def _judged_facts(submission: Submission, found: dict[str, KataReport]) -> dict[str, object]:
    """What a report says of a submission that could be read, katas in the catalogue's order."""
    katas = tuple(_result(submission, found[kata]) for kata in sorted(found))
    return {
        "sha256": submission.sha256,
        "status": scoring.submission_status(katas),
        "seconds": sum(kata.seconds for kata in katas),
        "katas": katas,
        "missing": submission.missing,
        "ignored": submission.ignored,
        "hashes": {kata.kata: hash_of(catalog.find(kata.kata)) for kata in katas},
    }


def _result(submission: Submission, kata: KataReport) -> KataReport:
    """What was judged; of a kata that isn't there, the plan alone."""
    if kata.kata not in submission.missing or kata.fault:
        return kata
    name = kata.kata.rpartition("/")[2]
    reason = Reason("not_handed_in", {"file": f"{name}.py", "ignored": ", ".join(submission.ignored)})
    verdicts = tuple(Verdict(check.name, Outcome.NOT_RUN, reason=reason) for check in kata.checks)
    return KataReport(kata.kata, Status.FAILED, kata.checks, verdicts)


def _path(submission: Submission | Unread) -> str:
    return submission.path or submission.name
