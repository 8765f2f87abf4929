"""Submissions in, reports out: when each comes and what is in it, whatever order the judges work in."""

from collections.abc import Iterable, Iterator

import pytest

from grader.grading import grade as main_path
from grader.grading.grade import Options, grade, pool_for
from grader.grading.scheduler import JudgePool
from grader.model import (
    Check,
    Done,
    Event,
    Extent,
    Group,
    Job,
    Judged,
    KataReport,
    Outcome,
    Planned,
    Reason,
    Report,
    Score,
    Source,
    Status,
    Submission,
    Unread,
    Verdict,
)
from grader.scoring import submission_score

pytestmark = pytest.mark.usefixtures("catalogue")
PLAN = (Check("test_a", "It adds.", Group.EDGES, 3), Check("test_b", "It subtracts.", Group.ORACLE, 5))
USER, ITEM, BM25 = "recommendation/user_cf", "recommendation/item_cf", "search/bm25"
OPTIONS = Options("bare", seed=4)


def submission(name: str, *katas: str, code: bytes = b"right", **more: object) -> Submission:
    sources = tuple(Source(kata, code, "x.py") for kata in katas)
    return Submission(name, "0" * 64, sources, path=f"class/{name}", **more)


def judged(job: Job) -> KataReport:
    if job.code == b"fault":
        return KataReport(job.kata, Status.ERROR, fault="the slot didn't start")
    outcome = Outcome.PASSED if job.code == b"right" else Outcome.FAILED
    verdicts = tuple(Verdict(check.name, outcome) for check in PLAN)
    return KataReport(job.kata, Status(outcome), PLAN, verdicts, seconds=1.0)


class Judges:
    """Stand-ins for the judges: they do all jobs at hand, in an order of their own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.jobs: list[Job] = []
        self.backwards = False
        monkeypatch.setattr(main_path, "judged_once", self.judged_once)
        monkeypatch.setattr(main_path, "hash_of", lambda kata: f"hash of {kata.id}")

    def judged_once(self, pool: JudgePool, jobs: Iterable[Job]) -> Iterator[tuple[int, Event]]:
        self.pool = pool
        self.jobs = list(jobs)
        numbered = list(enumerate(self.jobs))
        for index, job in reversed(numbered) if self.backwards else numbered:
            yield index, Planned(job.kata, PLAN)
            yield index, Judged(job.kata, Verdict("test_a", Outcome.PASSED))
            yield index, Done(job.kata, judged(job))


@pytest.fixture(autouse=True)
def judges(monkeypatch: pytest.MonkeyPatch) -> Judges:
    return Judges(monkeypatch)


def reports(*submissions: Submission | Unread, options: Options = OPTIONS) -> list[Report]:
    return list(grade(submissions, options, pool_for(options)))


ADA, BEN = submission("ada", USER, BM25), submission("ben", USER, code=b"wrong")
LOST = Unread("class/cy.zip", "cy.zip", "'cy.zip' is encrypted; zip it without a password")


def test_a_report_comes_as_soon_as_its_submission_is_done(judges: Judges) -> None:
    judges.backwards = True
    assert [report.submission for report in reports(ADA, BEN)] == ["class/ben", "class/ada"]


def test_the_order_of_the_paths_is_kept_where_it_is_asked_for(judges: Judges) -> None:
    judges.backwards = True
    found = reports(LOST, ADA, BEN, options=Options("bare", ordered=True))
    assert [report.submission for report in found] == ["class/cy.zip", "class/ada", "class/ben"]


def test_a_report_is_yielded_before_the_next_job_is_done() -> None:
    seen: list[str] = []
    run = grade(
        [BEN, ADA], OPTIONS, pool_for(OPTIONS), lambda path, event: seen.append(f"{path} {type(event).__name__}")
    )
    assert next(run).submission == "class/ben"
    assert seen == ["class/ben Planned", "class/ben Judged", "class/ben Done"]


@pytest.mark.parametrize("ordered", [False, True])
def test_what_cannot_be_read_has_a_report_and_the_others_have_theirs(ordered: bool) -> None:
    found = {report.submission: report for report in reports(LOST, ADA, options=Options("bare", ordered=ordered))}
    assert {path: report.status for path, report in found.items()} == {
        "class/cy.zip": Status.UNREADABLE,
        "class/ada": Status.PASSED,
    }
    lost = found["class/cy.zip"]
    assert (lost.name, lost.reason, lost.katas) == (LOST.name, LOST.reason, ())
    assert submission_score(lost) is None


def test_nothing_to_judge_still_has_reports() -> None:
    assert [report.status for report in reports(LOST, LOST)] == [Status.UNREADABLE] * 2


def test_our_own_failure_to_read_is_an_error() -> None:
    (report,) = reports(Unread("class/di", "di", "", "no memory"))
    assert (report.status, report.fault) == (Status.ERROR, "no memory")


def test_a_kata_that_is_missing_counts_0_of_the_points_of_its_plan(judges: Judges) -> None:
    eve = submission("eve", BM25, missing=(USER,), ignored=("user_cf (1).py",))
    (report,) = reports(eve)
    assert [(kata.kata, kata.status) for kata in report.katas] == [(USER, Status.FAILED), (BM25, Status.PASSED)]
    assert submission_score(report) == Score(8, 16)
    assert report.status is Status.FAILED
    reason = Reason("not_handed_in", {"file": "user_cf.py", "ignored": "user_cf (1).py"})
    assert {(verdict.outcome, verdict.reason) for verdict in report.katas[0].verdicts} == {(Outcome.NOT_RUN, reason)}
    assert [job.extent for job in judges.jobs] == [Extent.WHOLE, Extent.PLAN]


def test_checks_that_pass_without_any_code_earn_nothing_for_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.judged", lambda job: KataReport(job.kata, Status.PASSED, PLAN, ()))
    assert submission_score(reports(submission("eve", BM25, missing=(ITEM,)))[0]).earned == 0


def test_a_fault_on_a_kata_that_is_missing_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = KataReport(USER, Status.ERROR, fault="the checks can't be collected")
    monkeypatch.setattr(
        f"{__name__}.judged", lambda job: broken if job.kata == USER else KataReport(BM25, Status.PASSED)
    )
    assert reports(submission("eve", BM25, missing=(USER,)))[0].status is Status.ERROR


def test_a_fault_is_nobody_elses() -> None:
    found = reports(submission("bad", USER, code=b"fault"), ADA)
    assert [report.status for report in found] == [Status.ERROR, Status.PASSED]


def test_a_report_says_whose_it_is_and_what_graded(judges: Judges) -> None:
    report = reports(ADA, options=Options("bare", seed=9, certified=True))[0]
    assert (report.submission, report.name, report.seed, report.certified) == ("class/ada", "ada", 9, True)
    assert report.limit_scale == OPTIONS.limit_scale
    assert judges.pool.confirm
    assert report.hashes == {USER: f"hash of {USER}", BM25: f"hash of {BM25}"}
    assert set(report.versions.packages) == {"grader", "python", "numpy", "keras", "pytest", "hypothesis"}
    assert all(report.versions.packages.values())
    assert report.versions.platform
