"""The main path: submissions in, one Report each out."""

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

import msgspec

from grader import catalog, lanes, scoring
from grader.model import Done, Event, Examples, Isolation, Job, KataReport, Limits, Report, Source, Submission

Watch = Callable[[str, Event], None]


class Options(msgspec.Struct, frozen=True):
    """How to grade."""

    isolation: Isolation
    """As resolved: never auto."""
    seed: int = 0
    limits: Limits = Limits()
    lanes: int = 0
    """Judges at work at once; 0 for one a core."""
    certified: bool = False
    """Draw examples anew, whatever is kept from before."""
    shrink: bool = False
    """Look for a smaller example where a drawn one fails: for somebody who practises."""
    watched: bool = True
    """Whether `watch` is to hear of each check as it begins and ends."""


class _Open(msgspec.Struct):
    """A submission that isn't done yet."""

    submission: Submission
    found: dict[str, KataReport] = {}
    started: datetime | None = None

    @property
    def done(self) -> bool:
        return len(self.found) == len(self.submission.sources)


def grade(submissions: Iterable[Submission], options: Options, watch: Watch = lambda *_: None) -> Iterator[Report]:
    """Judge every source of every submission, and yield the reports in the order of the submissions.

    Submissions are taken as they are needed, so that any number of them takes the memory of a few. Closing the
    iterator, or Ctrl-C, ends every process that was started; reports already yielded stand.
    """
    opened: deque[_Open] = deque()
    owners: dict[int, _Open] = {}

    def jobs() -> Iterator[Job]:
        index = itertools.count()
        for submission in submissions:
            opened.append(_Open(submission))
            for source in submission.sources:
                owners[next(index)] = opened[-1]
                yield _job(source, options)

    for index, event in lanes.judge_all(jobs(), options.lanes, once=True):
        owner = owners[index]
        owner.started = owner.started or datetime.now(UTC)
        watch(owner.submission.name, event)
        if isinstance(event, Done):
            owner.found[event.kata] = event.report
            del owners[index]
        while opened and opened[0].done:
            yield _report(opened.popleft(), options)


def _job(source: Source, options: Options) -> Job:
    return Job(
        catalog.find(source.kata),
        source.code,
        options.isolation,
        options.seed,
        options.limits,
        examples=Examples.ANEW if options.certified else Examples.BANK,
        shrink=options.shrink,
        watched=options.watched,
    )


def _report(done: _Open, options: Options) -> Report:
    katas = tuple(done.found[source.kata] for source in done.submission.sources)
    return Report(
        submission=done.submission.name,
        sha256=done.submission.sha256,
        status=scoring.submission_status(katas),
        isolation=options.isolation,
        seed=options.seed,
        started=(done.started or datetime.now(UTC)).isoformat(timespec="seconds"),
        seconds=sum(kata.seconds for kata in katas),
        katas=katas,
    )
