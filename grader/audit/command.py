"""What `kata audit` prints while it works, and when it is done."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console

from grader.audit import banks as of_banks
from grader.audit import costs, report, run
from grader.model import Kata


def checks(katas: Sequence[Kata], isolation: str, out: Console, err: Console, *, mutants: bool) -> bool:
    """Audit the checks, print what is proved; whether all is as it must be."""
    proofs = []
    with _progress(err) as progress:
        for proof in run.audit(katas, isolation, mutants=mutants, told=progress):
            proofs.append(proof)
            report.matrix(proof, out)
            report.problems(proof.kata, proof.problems, out)
    if mutants:
        report.mutants(proofs, out)
    report.summary(proofs, out)
    return not any(proof.problems for proof in proofs)


def banks(katas: Sequence[Kata], isolation: str, out: Console, err: Console, *, mutants: bool) -> bool:
    """Audit the example banks, print what was found; whether all is as it must be."""
    proofs = []
    with _progress(err) as progress:
        for proof in of_banks.examine(katas, isolation, mutants=mutants, told=progress):
            proofs.append(proof)
            report.problems(proof.kata, proof.problems, out)
        changed = [(kata.id, said) for kata, said in costs.measure(katas, isolation, progress) if said]
    for kata, said in changed:
        report.problems(kata, (said,), out)
    report.banks(proofs, out)
    return not (changed or any(proof.problems for proof in proofs))


@contextmanager
def _progress(err: Console) -> Iterator[Callable[[int, int, str], None]]:
    with err.status("auditing") as status:
        yield lambda done, of, name: status.update(f"{done} of {of}  {name[:60]}")
