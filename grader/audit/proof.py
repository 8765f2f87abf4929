"""Turn judged trials into a proof: the kill matrix, and a sentence for each problem."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from grader import scoring
from grader.audit import files
from grader.audit.trials import Trial
from grader.content import front_matter, source_files
from grader.content.mistakes import Mistake, readable
from grader.model import Check, GraderError, Group, Kata, KataReport, Outcome, Status
from grader.reports.verdicts import account

LAZY_LIMIT = 0.2
Judged = list[tuple[Trial, KataReport]]


class Proof(msgspec.Struct, frozen=True):
    """What an audit found about one kata."""

    kata: str
    checks: tuple[Check, ...]
    problems: tuple[str, ...]
    matrix: dict[str, dict[str, Outcome]]
    """For each mistake, the checks that it did not pass, with their outcomes."""
    mistakes_killed: int
    """How many mistakes are refused by every check that their docstring names, with the outcome that it names."""
    lazy: dict[str, float]
    """For each lazy answer, the share of the points that it earns, 0 to 1."""
    alternatives: int
    """How many alternatives pass every check."""
    mutants: dict[str, int]
    """How many mutants were `killed`, `timed out`, `crashed`, `survived`, or are `equivalent` (survived, explained)."""
    survivors: tuple[str, ...] = ()
    """Mutants that every check passes and that are not explained."""


def unproved(kata: Kata, problems: Sequence[str]) -> Proof:
    """Report a kata that can't be judged at all."""
    return Proof(
        kata=kata.id,
        checks=(),
        problems=tuple(problems),
        matrix={},
        mistakes_killed=0,
        lazy={},
        alternatives=0,
        mutants={},
    )


def prove(kata: Kata, judged: Judged) -> Proof:
    """Prove one kata from the reports of all its trials."""
    by_kind: dict[str, Judged] = {}
    for trial, report in judged:
        by_kind.setdefault(trial.kind, []).append((trial, report))
    references = by_kind.get("reference", [])
    checks = references[0][1].checks if references else ()
    matrix = {trial.name: _missed(report) for trial, report in by_kind.get("mistake", [])}
    mutants, survivors, unexplained = _mutants(kata, by_kind.get("mutant", []))
    problems = [
        *files.problems(kata),
        *(f"{trial.kind} {trial.name}: {report.fault}" for trial, report in judged if report.fault),
        *_of_references(references),
        *_of_stub(checks, by_kind.get("stub", [])),
        *_of_lazy(by_kind.get("lazy", [])),
        *_of_mistakes(kata, checks, matrix),
        *_of_checks(checks, matrix, by_kind.get("mutant", [])),
        *_of_alternatives(by_kind.get("alternative", [])),
        *unexplained,
    ]
    return Proof(
        kata=kata.id,
        checks=checks,
        problems=tuple(dict.fromkeys(problems)),
        matrix=matrix,
        mistakes_killed=_killed(kata, matrix),
        lazy={trial.name: _share(report) for trial, report in by_kind.get("lazy", [])},
        alternatives=sum(report.status is Status.PASSED for _, report in by_kind.get("alternative", [])),
        mutants=mutants,
        survivors=tuple(survivors),
    )


def _of_references(references: Judged) -> Iterator[str]:
    for trial, report in references:
        for verdict in report.verdicts:
            if verdict.outcome is not Outcome.PASSED:
                told = f"{verdict.outcome}, {account(verdict)}"
                yield f"the reference ({trial.name}) does not pass {verdict.check}: {told}"
    outcomes = [[(verdict.check, verdict.outcome) for verdict in report.verdicts] for _, report in references]
    if outcomes and any(each != outcomes[0] for each in outcomes[1:]):
        yield "the reference's verdicts differ from run to run: it needs luck"


def _of_stub(checks: Iterable[Check], judged: Judged) -> Iterator[str]:
    free = {check.name for check in checks if check.group is Group.INTERFACE}
    for _, report in judged:
        for verdict in report.verdicts:
            if verdict.outcome is Outcome.PASSED and verdict.check not in free:
                yield f"the stub passes {verdict.check}: it asks for nothing"


def _of_lazy(judged: Judged) -> Iterator[str]:
    for trial, report in judged:
        if (share := _share(report)) >= LAZY_LIMIT:
            passed = ", ".join(each.check for each in report.verdicts if each.outcome is Outcome.PASSED)
            yield f"answering {trial.name} earns {share:.0%} of the points, by {passed}: ask for something in each"


def _of_mistakes(kata: Kata, checks: tuple[Check, ...], matrix: Mapping[str, Mapping[str, Outcome]]) -> Iterator[str]:
    free = {check.name for check in checks if check.group is Group.INTERFACE}
    for mistake in readable(kata):
        if mistake.name in matrix:
            yield from _of_mistake(mistake, matrix[mistake.name], free, len(checks) - len(free))


def _killed(kata: Kata, matrix: Mapping[str, Mapping[str, Outcome]]) -> int:
    return sum(
        bool(mistake.caught_by) and mistake.caught_by.items() <= matrix.get(mistake.name, {}).items()
        for mistake in readable(kata)
    )


def _of_mistake(mistake: Mistake, missed: Mapping[str, Outcome], free: set[str], others: int) -> Iterator[str]:
    for name, outcome in mistake.caught_by.items():
        found = missed.get(name, Outcome.PASSED)
        if found is not outcome:
            yield (
                f"mistake {mistake.name} should be {outcome} by {name}, which says {found}: "
                "sharpen the check, or mend the docstring"
            )
    if mistake.name.startswith("seed_"):
        return  # the seed's own code is wrong in so many ways at once
    if spoiled := sorted(free & missed.keys() - mistake.caught_by.keys()):
        yield f"mistake {mistake.name} doesn't pass the interface check {spoiled[0]}"
    if len(missed) > others / 2:
        yield f"mistake {mistake.name} fails {len(missed)} of {others} checks: who fails everything learns nothing"


def _of_checks(checks: Iterable[Check], matrix: Mapping[str, Mapping[str, Outcome]], mutants: Judged) -> Iterator[str]:
    every = [*matrix.values(), *(_missed(report) for _, report in mutants)]
    killers = {name for missed in every for name, outcome in missed.items() if outcome is not Outcome.NOT_RUN}
    for check in checks:
        if check.name not in killers:
            also = " and no mutant" if mutants else ""
            yield f"{check.name} kills no mistake{also}: a check that can't fail is a bug"


def _of_alternatives(judged: Judged) -> Iterator[str]:
    for trial, report in judged:
        if report.status is not Status.PASSED and not report.fault:
            missed = next(each for each in report.verdicts if each.outcome is not Outcome.PASSED)
            yield f"alternative {trial.name} is refused by {missed.check}: {missed.outcome}, {account(missed)}"


def _mutants(kata: Kata, judged: Judged) -> tuple[dict[str, int], list[str], list[str]]:
    """Return how many mutants had each fate, the survivors, and the problems."""
    if not judged:
        return {}, [], []
    fates = {trial.name: _fate(report) for trial, report in judged}
    explained, unreadable = _explained(kata)
    surviving = {name for name, fate in fates.items() if fate == "survived"}
    fates |= dict.fromkeys(surviving & explained.keys(), "equivalent")
    survivors = [name for name, fate in fates.items() if fate == "survived"]
    file = f"fixtures/equivalents/{kata.id}.yaml"
    problems = [
        *unreadable,
        *(f"a mutant survives: {name!r}: kill it, or say in {file} why it is equivalent" for name in survivors),
        *(f"{file} explains what does not survive: {name!r}" for name in explained if name not in surviving),
    ]
    return dict(Counter(fates.values())), survivors, problems


def _explained(kata: Kata) -> tuple[dict[str, str], list[str]]:
    """Return the explained mutants, or why their file can't be read."""
    try:
        return equivalents(kata), []
    except GraderError as error:
        return {}, [str(error)]


def _fate(report: KataReport) -> str:
    outcome = next((each.outcome for each in report.verdicts if each.outcome is not Outcome.PASSED), None)
    if outcome is None:
        return "survived"
    return {Outcome.TIMED_OUT: "timed out", Outcome.CRASHED: "crashed"}.get(outcome, "killed")


def equivalents(kata: Kata) -> dict[str, str]:
    """Return the mutants that make no difference, each with the reason. Raises GraderError for a malformed file."""
    path = Path(kata.root, "fixtures", "equivalents", kata.track, f"{kata.name}.yaml")
    if not path.exists():
        return {}
    found = front_matter.parse(source_files.text(path), path) or {}
    try:
        return msgspec.convert(found, dict[str, str])
    except msgspec.ValidationError:
        raise GraderError(
            f'{source_files.place(path)} must have lines `"mutant": why it makes no difference`'
        ) from None


def _missed(report: KataReport) -> dict[str, Outcome]:
    return {each.check: each.outcome for each in report.verdicts if each.outcome is not Outcome.PASSED}


def _share(report: KataReport) -> float:
    found = scoring.score(report.checks, report.verdicts)
    return found.earned / found.possible if found.possible else 0.0
