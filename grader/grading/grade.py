"""The main path: submissions in, one Report each out."""

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

import msgspec

from grader import scoring
from grader.content import catalog
from grader.grading import scheduler
from grader.grading.versions import hash_of, versions
from grader.model import (
    Done,
    Event,
    Examples,
    Isolation,
    Job,
    KataReport,
    Limits,
    Outcome,
    Reason,
    Report,
    Source,
    Status,
    Submission,
    Unread,
    Verdict,
)

Watch = Callable[[str, Event], None]


class Options(msgspec.Struct, frozen=True):
    """How to grade."""

    isolation: Isolation
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
    """Look for a smaller example where a drawn one fails: for somebody who practises."""
    watched: bool = True
    """Whether `watch` is to hear of each check as it begins and ends."""
    ordered: bool = False
    """Reports in the order of the submissions, rather than each as soon as it is done."""


class _Open:
    """A submission that isn't done yet."""

    def __init__(self, submission: Submission | Unread) -> None:
        self.submission = submission
        self.found: dict[str, KataReport] = {}
        self.started: datetime | None = None
        self._of = 0 if isinstance(submission, Unread) else len(submission.sources) + len(submission.missing)

    @property
    def done(self) -> bool:
        return len(self.found) == self._of


def grade(
    submissions: Iterable[Submission | Unread], options: Options, watch: Watch = lambda *_: None
) -> Iterator[Report]:
    """Judge every source of every submission, and yield each one's report as soon as it is done.

    Submissions are taken as they are needed, so that any number of them takes the memory of a few. Closing the
    iterator, or Ctrl-C, ends every process that was started; reports already yielded stand.
    """
    opened: deque[_Open] = deque()
    owners: dict[int, _Open] = {}

    def jobs() -> Iterator[Job]:
        index = itertools.count()
        for submission in submissions:
            owner = _Open(submission)
            opened.append(owner)
            if isinstance(submission, Submission):
                for job in _jobs(submission, options):
                    owners[next(index)] = owner
                    yield job

    for index, event in scheduler.judge_all(jobs(), options.judges, once=True, confirm=options.certified):
        owner = owners[index]
        owner.started = owner.started or datetime.now(UTC)
        watch(_path(owner.submission), event)
        if isinstance(event, Done):
            owner.found[event.kata] = event.report
            del owners[index]
            yield from _ended(opened, options)
    yield from _ended(opened, options)


def _ended(opened: deque[_Open], options: Options) -> Iterator[Report]:
    """Take out what is done: from the front, or wherever it stands."""
    if options.ordered:
        while opened and opened[0].done:
            yield _report(opened.popleft(), options)
        return
    for owner in [each for each in opened if each.done]:
        opened.remove(owner)
        yield _report(owner, options)


def _jobs(submission: Submission, options: Options) -> Iterator[Job]:
    for source in submission.sources:
        yield _job(source, options)
    for kata in submission.missing:
        # What is possible stands in the plan, which a judge tells before it asks for the first answer.
        job = msgspec.structs.replace(_job(Source(kata, b"", ""), options), until_failure=True, shrink=False)
        yield job


def _job(source: Source, options: Options) -> Job:
    return Job(
        catalog.find(source.kata),
        source.code,
        options.isolation,
        options.seed,
        options.limits,
        options.limit_scale,
        examples=Examples.ANEW if options.certified else Examples.BANK,
        shrink=options.shrink,
        watched=options.watched,
    )


def _katas(submission: Submission) -> list[str]:
    """All that are to be in the report, in the catalogue's order."""
    return sorted({*submission.missing, *(source.kata for source in submission.sources)})


def _path(submission: Submission | Unread) -> str:
    return submission.path or submission.name


def _report(done: _Open, options: Options) -> Report:
    submission = done.submission
    started = (done.started or datetime.now(UTC)).isoformat(timespec="seconds")
    if isinstance(submission, Unread):
        status = Status.ERROR if submission.fault else Status.UNREADABLE
        unread = Report(_path(submission), "", status, options.isolation, options.seed, started, 0.0, ())
        return _with_facts(unread, options, name=submission.name, reason=submission.reason, fault=submission.fault)
    katas = tuple(_result(submission, done.found[kata]) for kata in _katas(submission))
    report = Report(
        submission=_path(submission),
        sha256=submission.sha256,
        status=scoring.submission_status(katas),
        isolation=options.isolation,
        seed=options.seed,
        started=started,
        seconds=sum(kata.seconds for kata in katas),
        katas=katas,
    )
    hashes = {kata.kata: hash_of(catalog.find(kata.kata)) for kata in katas}
    told = {"name": submission.name, "missing": submission.missing, "ignored": submission.ignored}
    return _with_facts(report, options, hashes=hashes, **told)


def _with_facts(report: Report, options: Options, **facts: object) -> Report:
    run = {"certified": options.certified, "limit_scale": options.limit_scale, "versions": versions()}
    return msgspec.structs.replace(report, **run, **facts)


def _result(submission: Submission, kata: KataReport) -> KataReport:
    """What was judged; of a kata that isn't there, the plan alone."""
    if kata.kata not in submission.missing or kata.fault:
        return kata
    name = kata.kata.rpartition("/")[2]
    reason = Reason("not_handed_in", {"file": f"{name}.py", "ignored": ", ".join(submission.ignored)})
    verdicts = tuple(Verdict(check.name, Outcome.NOT_RUN, reason=reason) for check in kata.checks)
    return KataReport(kata.kata, Status.FAILED, kata.checks, verdicts)
