"""`kata audit --banks`: build stale example banks, and compare grades by bank with grades by hypothesis."""

import platform
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version

import msgspec

from grader.audit import trials
from grader.audit.bank_proof import BankProof
from grader.audit.run import OnProgress
from grader.audit.trials import Trial
from grader.banks import codec, shipped
from grader.banks.shipped import Shipped
from grader.grading import scheduler
from grader.model import Done, Examples, GraderError, Job, Judged, Kata, Outcome, Planned

Cell = tuple[str, str]
"""A trial's name, and a check's or a property's."""


class Seen(msgspec.Struct):
    """The outcomes of all trials of one kata, judged in one way: by hypothesis or by bank."""

    outcomes: dict[Cell, Outcome] = {}
    refuted_by: dict[Cell, bytes] = {}
    """The encoded example that refuted a property."""
    drawn: dict[str, int] = {}
    """How many drawn examples each property has, if its examples can be replayed."""
    unbanked: dict[str, str] = {}
    """Properties whose examples can't be replayed, each with the reason."""
    faults: list[str] = []


def examine(
    katas: Sequence[Kata],
    isolation: str,
    *,
    mutants: bool,
    sizes: bool = True,
    on_progress: OnProgress = lambda *_: None,
) -> Iterator[BankProof]:
    """Build stale banks, then yield what the comparison of verdicts found, a kata at a time.

    `sizes` also compares the counterexamples of mistakes in bytes. This is slow, because hypothesis shrinks each again.
    """
    stale = [kata for kata in katas if not _fresh(kata)]
    outdated = {kata.id for kata in stale if shipped.path(kata).exists()}
    shrunk = {kata.id for kata in stale}
    every = {kata.id: _trials(kata, isolation, mutants=mutants or kata in stale) for kata in katas}
    progress = _Progress(on_progress, 2 * sum(map(len, every.values())) + sum(len(every[kata.id]) for kata in stale))
    theirs: dict[str, Seen] = {}
    for kata, seen in _judged(katas, every, lambda trial: _by_hypothesis(trial, shrunk, sizes), progress):
        theirs[kata.id] = seen
        if kata in stale:
            shipped.write(kata, _built(kata, seen))
    for kata, seen in _judged(stale, every, lambda trial: _job(trial, Examples.SHIPPED), progress):
        shipped.write(kata, _pruned(kata, seen))
    for kata, seen in _judged(katas, every, lambda trial: _job(trial, Examples.ANEW), progress):
        yield _prove(kata, theirs[kata.id], seen, stale=kata.id in outdated, sized=sizes or kata in stale)


class _Progress:
    """Counts trials that are done."""

    def __init__(self, on_progress: OnProgress, total: int) -> None:
        self._on_progress, self._total, self._done = on_progress, total, 0

    def one_more(self, name: str) -> None:
        self._done += 1
        self._on_progress(self._done, self._total, name)


def _fresh(kata: Kata) -> bool:
    bank = shipped.read(kata)
    return bank is not None and shipped.is_of(kata, bank)


def _trials(kata: Kata, isolation: str, *, mutants: bool) -> list[Trial]:
    wanted = {"reference", "alternative", "mistake", "mutant"}
    every = [each for each in trials.of(kata, isolation, mutants=mutants) if each.kind in wanted]
    return [each for each in every if each.kind != "reference" or each.name == "first"]


def _by_hypothesis(trial: Trial, stale: set[str], sizes: bool) -> Job:
    shrink = (sizes and trial.kind == "mistake") or trial.job.kata in stale
    return _job(trial, Examples.HYPOTHESIS, shrink=shrink)


def _job(trial: Trial, examples: Examples, *, shrink: bool = False) -> Job:
    audit = msgspec.structs.replace(trial.job.audit, only_properties=True, until_failure=False)
    return msgspec.structs.replace(trial.job, examples=examples, shrink=shrink, audit=audit)


def _judged(
    katas: Sequence[Kata],
    every: dict[str, list[Trial]],
    job_of: Callable[[Trial], Job],
    progress: _Progress,
) -> Iterator[tuple[Kata, Seen]]:
    """Judge every trial in one way. Yields each kata when its last trial is done."""
    flat = [(kata, trial) for kata in katas for trial in every[kata.id]]
    seen = {kata.id: Seen() for kata in katas}
    left = Counter(kata.id for kata, _ in flat)
    for index, event in scheduler.judge_all([job_of(trial) for _, trial in flat], katas):
        kata, trial = flat[index]
        _note(seen[kata.id], trial, event)
        if isinstance(event, Done):
            progress.one_more(f"{kata.name}: {trial.kind} {trial.name}")
            left[kata.id] -= 1
            if not left[kata.id]:
                yield kata, seen[kata.id]


def _note(seen: Seen, trial: Trial, event: object) -> None:
    name = f"{trial.kind} {trial.name}"
    if isinstance(event, Planned):
        seen.drawn |= event.drawn
        seen.unbanked |= event.unbanked
    elif isinstance(event, Judged):
        seen.outcomes[name, event.verdict.check] = event.verdict.outcome
        if event.refuted_by:
            item, example = event.refuted_by
            seen.refuted_by[name, item] = example
    elif isinstance(event, Done) and event.report.fault:
        seen.faults.append(f"{name}: {event.report.fault}")


def _built(kata: Kata, seen: Seen) -> Shipped:
    """Make a bank of every example that refuted a trial."""
    found: dict[str, list[bytes]] = {}
    for (_, item), example in sorted(seen.refuted_by.items()):
        found.setdefault(item, []).append(example)
    return Shipped(
        checks=shipped.hash_of_checks(kata),
        made_from=shipped.hash_of_origin(kata),
        versions={"python": platform.python_version(), **{name: version(name) for name in ("hypothesis", "numpy")}},
        examples={item: codec.simplest_first(examples) for item, examples in found.items()},
        drawn=seen.drawn,
        codec=codec.fingerprint(),
    )


def _pruned(kata: Kata, seen: Seen) -> Shipped:
    """Drop the examples that are no trial's first counterexample: an earlier one refutes it and is as simple."""
    bank = shipped.read(kata)
    if bank is None:
        raise GraderError(f"the bank of {kata.id} is gone")
    first: dict[str, set[bytes]] = {}
    for (_, item), example in seen.refuted_by.items():
        first.setdefault(item, set()).add(example)
    kept = {item: [each for each in found if each in first.get(item, ())] for item, found in bank.examples.items()}
    return msgspec.structs.replace(bank, examples={item: found for item, found in kept.items() if found})


def _prove(kata: Kata, theirs: Seen, ours: Seen, *, stale: bool, sized: bool) -> BankProof:
    bank = shipped.read(kata)
    verdicts = {cell: _agreement(ours.outcomes[cell], outcome) for cell, outcome in theirs.outcomes.items()}
    sizes = {cell: _sizes(ours, theirs, cell) for cell in theirs.refuted_by if sized and cell[0].startswith("mistake")}
    file = shipped.path(kata)
    return BankProof(
        kata=kata.id,
        problems=(
            *(["its bank was stale, and is built anew: look at it and commit it"] if stale else []),
            *theirs.faults,
            *ours.faults,
            *(f"{check} passes {trial} by bank, not by hypothesis" for trial, check in _where(verdicts, "laxer")),
        ),
        unbanked=ours.unbanked,
        properties=len(ours.drawn) + len(ours.unbanked),
        shipped=sum(map(len, bank.examples.values())) if bank else 0,
        size=file.stat().st_size if file.exists() else 0,
        drawn=sum(ours.drawn.values()),
        verdicts=Counter(verdicts.values()),
        sizes=Counter(sizes.values()),
        mutants=(len(_refuted_mutants(ours)), len(_refuted_mutants(theirs))),
        of_mutants=len({trial for trial, _ in theirs.outcomes if trial.startswith("mutant ")}),
    )


def _refuted_mutants(seen: Seen) -> set[str]:
    return {
        trial
        for (trial, _), outcome in seen.outcomes.items()
        if trial.startswith("mutant ") and outcome is not Outcome.PASSED
    }


def _agreement(by_bank: Outcome, by_hypothesis: Outcome) -> str:
    if (by_bank is Outcome.PASSED) == (by_hypothesis is Outcome.PASSED):
        return "same"
    return "laxer" if by_bank is Outcome.PASSED else "stricter"


def _sizes(ours: Seen, theirs: Seen, cell: Cell) -> str:
    """Compare the two counterexamples of a mistake. If the bank has none they count as the same."""
    mine, other = len(ours.refuted_by.get(cell, theirs.refuted_by[cell])), len(theirs.refuted_by[cell])
    return "same" if mine == other else "smaller" if mine < other else "larger"


def _where(found: dict[Cell, str], what: str) -> list[Cell]:
    return [cell for cell, each in found.items() if each == what]
