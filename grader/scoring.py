"""From verdicts to points and statuses. What is possible comes from the plan, so a crash can't shrink it."""

from collections.abc import Iterable

from grader.model import Check, KataReport, Outcome, Report, Score, Status, Verdict


def earned(check: Check, verdict: Verdict | None) -> int:
    """All points of a check that passed, else none."""
    return check.points if verdict and verdict.outcome is Outcome.PASSED else 0


def by_check(checks: Iterable[Check], verdicts: Iterable[Verdict]) -> list[tuple[Check, Verdict | None]]:
    """Every check of the plan with its verdict, None where it has none; of two verdicts the later counts."""
    known = {verdict.check: verdict for verdict in verdicts}
    return [(check, known.get(check.name)) for check in checks]


def score(checks: Iterable[Check], verdicts: Iterable[Verdict]) -> Score:
    """Points earned out of those that the plan makes possible; a check without a verdict earns 0."""
    pairs = by_check(checks, verdicts)
    return Score(sum(earned(*pair) for pair in pairs), sum(check.points for check, _ in pairs))


def kata_status(checks: Iterable[Check], verdicts: Iterable[Verdict], fault: str = "") -> Status:
    """Error after a fault of the grader's; a plan without checks is one, since it would pass everything."""
    pairs = by_check(checks, verdicts)
    if fault or not pairs:
        return Status.ERROR
    passed = all(verdict and verdict.outcome is Outcome.PASSED for _, verdict in pairs)
    return Status.PASSED if passed else Status.FAILED


def submission_status(katas: Iterable[KataReport]) -> Status:
    """Error if any kata has a fault, or none was judged; else passed if every kata passed."""
    statuses = {Status.ERROR if kata.fault else kata.status for kata in katas}
    if not statuses or Status.ERROR in statuses:
        return Status.ERROR
    return Status.FAILED if Status.FAILED in statuses else Status.PASSED


def kata_score(kata: KataReport) -> Score | None:
    """The score of one kata; after a fault of the grader's there is none."""
    return None if kata.status is Status.ERROR else score(kata.checks, kata.verdicts)


def submission_score(report: Report) -> Score | None:
    """The sum over all katas; where nothing could be judged there is none, never a zero."""
    if report.status in (Status.ERROR, Status.UNREADABLE):
        return None
    scores = [score(kata.checks, kata.verdicts) for kata in report.katas]
    return Score(sum(part.earned for part in scores), sum(part.possible for part in scores))
