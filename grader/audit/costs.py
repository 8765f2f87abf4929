"""`kata audit --banks`: measure what each reference costs. Learners' limits are many times that."""

from collections.abc import Iterator, Sequence

import msgspec

from grader.audit.run import OnProgress
from grader.banks import shipped
from grader.grading import scheduler
from grader.model import Done, Examples, GraderError, Job, Kata, KataReport, Limits, Status

_SEEDS = (0, 1, 2)
_AMPLE = Limits(call_seconds=60.0, submission_seconds=600.0, judge_seconds=120.0)
_DRIFT = 3.0
"""A cost is kept anew when it is more than this many times what the bank says."""


def measure(
    katas: Sequence[Kata], isolation: str, on_progress: OnProgress = lambda *_: None
) -> Iterator[tuple[Kata, str]]:
    """Measure references and keep costs that changed much. Yields each kata with a sentence about it, or with ""."""
    jobs = [(kata, _job(kata, isolation, seed)) for kata in katas for seed in _SEEDS]
    reports: dict[str, list[KataReport]] = {kata.id: [] for kata in katas}
    done = 0
    for index, event in scheduler.judge_all([job for _, job in jobs], katas):
        if not isinstance(event, Done):
            continue
        done += 1
        kata = jobs[index][0]
        reports[kata.id].append(event.report)
        on_progress(done, len(jobs), f"{kata.name}: cost of the reference")
        if len(reports[kata.id]) == len(_SEEDS):
            yield kata, _kept(kata, reports[kata.id])


def _job(kata: Kata, isolation: str, seed: int) -> Job:
    code = kata.reference.read_bytes()
    return Job(kata.id, code, isolation, seed, _AMPLE, examples=Examples.ANEW, watched=False)


def _kept(kata: Kata, reports: Sequence[KataReport]) -> str:
    bank = shipped.read(kata)
    if bank is None:
        return "it has no bank to keep its costs in"
    if bad := next((report for report in reports if report.status is not Status.PASSED), None):
        raise GraderError(f"the reference of {kata.id} is no measure: {bad.fault or bad.status}")
    call = max(report.dearest_call for report in reports)
    total = max(report.cpu_seconds for report in reports)
    if _near(bank.dearest_call, call) and _near(bank.total, total):
        return ""
    shipped.write(kata, msgspec.structs.replace(bank, dearest_call=round(call, 4), total=round(total, 3)))
    if not bank.total:  # built just now
        return ""
    return (
        f"its reference costs {total:.2f} s, {call:.3f} s of it in one call: kept in its bank, which is to be committed"
    )


def _near(kept: float, found: float) -> bool:
    """Whether two costs agree. Machines and days differ, and the limits leave room for that."""
    return kept > 0 and found <= _DRIFT * kept
