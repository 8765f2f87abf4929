"""`kata audit --banks`: what each reference costs, kept in its kata's bank; learners are held to many times that."""

from collections.abc import Iterator, Sequence

import msgspec

from grader.audit.run import Told
from grader.banks import shipped
from grader.grading import scheduler
from grader.model import Done, Examples, GraderError, Job, Kata, KataReport, Limits, Status

_SEEDS = (0, 1, 2)
_AMPLE = Limits(call_seconds=60.0, submission_seconds=600.0, judge_seconds=120.0)
_DRIFT = 3.0
"""A reference that costs so many times what its bank says, or so many times less, is measured anew."""


def measure(katas: Sequence[Kata], isolation: str, told: Told = lambda *_: None) -> Iterator[tuple[Kata, str]]:
    """Measure references, keep what changed much; yields each kata and what there is to say of it."""
    jobs = [(kata, _job(kata, isolation, seed)) for kata in katas for seed in _SEEDS]
    reports: dict[str, list[KataReport]] = {kata.id: [] for kata in katas}
    done = 0
    for index, event in scheduler.judge_all([job for _, job in jobs], katas):
        if not isinstance(event, Done):
            continue
        done += 1
        kata = jobs[index][0]
        reports[kata.id].append(event.report)
        told(done, len(jobs), f"{kata.name}: cost of the reference")
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
    """Alike enough: other machines and other days differ, and the limits have room for that."""
    return kept > 0 and found <= _DRIFT * kept
