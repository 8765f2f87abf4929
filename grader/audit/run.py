"""`kata audit`: judge everything, in the sandbox, side by side; prove each kata as soon as it is judged."""

from collections.abc import Callable, Iterator, Sequence

from grader.audit import proof, trials
from grader.audit.proof import Proof
from grader.grading import scheduler
from grader.model import Done, Kata, KataReport

Told = Callable[[int, int, str], None]


def audit(katas: Sequence[Kata], isolation: str, *, mutants: bool, told: Told = lambda *_: None) -> Iterator[Proof]:
    """Audit katas; `told` hears how many of how many trials are done, and the name of the last one."""
    every = [(kata, trial) for kata in katas for trial in trials.of(kata, isolation, mutants=mutants)]
    reports: dict[int, KataReport] = {}
    waiting = list(katas)
    for index, event in scheduler.judge_all([trial.job for _, trial in every], katas):
        if not isinstance(event, Done):
            continue
        reports[index] = event.report
        kata, trial = every[index]
        told(len(reports), len(every), f"{kata.name}: {trial.kind} {trial.name}")
        for done in [each for each in waiting if _complete(each, every, reports)]:
            waiting.remove(done)
            judged = [(trial, reports[i]) for i, (owner, trial) in enumerate(every) if owner is done]
            yield proof.prove(done, judged)


def _complete(kata: Kata, every: Sequence[tuple[Kata, trials.Trial]], reports: dict[int, KataReport]) -> bool:
    return all(index in reports for index, (owner, _) in enumerate(every) if owner is kata)
