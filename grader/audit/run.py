"""`kata audit`: judge everything in the sandbox, in parallel. Each kata is proved as soon as all of it is judged."""

from collections.abc import Callable, Iterator, Sequence

from grader.audit import files, proof, trials
from grader.audit.proof import Proof
from grader.grading import scheduler
from grader.model import Done, Kata, KataReport

OnProgress = Callable[[int, int, str], None]
"""Called after each trial with how many are done, how many there are, and the name of this one."""


def audit(
    katas: Sequence[Kata], isolation: str, *, mutants: bool, on_progress: OnProgress = lambda *_: None
) -> Iterator[Proof]:
    """Audit katas. A kata with a broken file is not judged: its proof only names the problems."""
    broken = {kata.id: files.broken(kata) for kata in katas}
    yield from (proof.unproved(kata, broken[kata.id]) for kata in katas if broken[kata.id])
    sound = [kata for kata in katas if not broken[kata.id]]
    every = [(kata, trial) for kata in sound for trial in trials.of(kata, isolation, mutants=mutants)]
    reports: dict[int, KataReport] = {}
    waiting = list(sound)
    for index, event in scheduler.judge_all([trial.job for _, trial in every], sound):
        if not isinstance(event, Done):
            continue
        reports[index] = event.report
        kata, trial = every[index]
        on_progress(len(reports), len(every), f"{kata.name}: {trial.kind} {trial.name}")
        for done in [each for each in waiting if _complete(each, every, reports)]:
            waiting.remove(done)
            judged = [(trial, reports[i]) for i, (owner, trial) in enumerate(every) if owner is done]
            yield proof.prove(done, judged)


def _complete(kata: Kata, every: Sequence[tuple[Kata, trials.Trial]], reports: dict[int, KataReport]) -> bool:
    return all(index in reports for index, (owner, _) in enumerate(every) if owner is kata)
