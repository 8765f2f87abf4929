"""The main path: submissions in, one Report each out."""

from collections.abc import Callable, Iterator, Sequence
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


def grade(submissions: Sequence[Submission], options: Options, watch: Watch = lambda *_: None) -> Iterator[Report]:
    """Judge every source of every submission, and yield the reports in the order of the submissions.

    Closing the iterator, or Ctrl-C, ends every process that was started; reports already yielded stand.
    """
    owners = [index for index, submission in enumerate(submissions) for _ in submission.sources]
    jobs = [_job(source, options) for submission in submissions for source in submission.sources]
    found: list[dict[str, KataReport]] = [{} for _ in submissions]
    started: dict[int, datetime] = {}
    following = 0
    for index, event in lanes.judge_all(jobs, options.lanes):
        owner = owners[index]
        started.setdefault(owner, datetime.now(UTC))
        watch(submissions[owner].name, event)
        if isinstance(event, Done):
            found[owner][event.kata] = event.report
        while following < len(submissions) and len(found[following]) == len(submissions[following].sources):
            yield _report(submissions[following], options, found[following], started[following])
            following += 1


def _job(source: Source, options: Options) -> Job:
    return Job(
        catalog.find(source.kata),
        source.code,
        options.isolation,
        options.seed,
        options.limits,
        examples=Examples.ANEW if options.certified else Examples.BANK,
        shrink=options.shrink,
    )


def _report(submission: Submission, options: Options, found: dict[str, KataReport], started: datetime) -> Report:
    katas = tuple(found[source.kata] for source in submission.sources)
    return Report(
        submission=submission.name,
        sha256=submission.sha256,
        status=scoring.submission_status(katas),
        isolation=options.isolation,
        seed=options.seed,
        started=started.isoformat(timespec="seconds"),
        seconds=sum(kata.seconds for kata in katas),
        katas=katas,
    )
