"""Run an audit for the command line: progress on standard error, findings on standard output."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console

from grader.audit import banks as of_banks
from grader.audit import costs, files, report, run
from grader.model import Kata


def checks(katas: Sequence[Kata], isolation: str, out: Console, err: Console, *, mutants: bool) -> bool:
    """Audit the checks and print what is proved. Returns whether there is no problem."""
    proofs = []
    with _progress(err) as progress:
        for proof in run.audit(katas, isolation, mutants=mutants, on_progress=progress):
            proofs.append(proof)
            report.matrix(proof, out)
            report.problems(proof.kata, proof.problems, out)
    if mutants:
        report.mutants(proofs, out)
    report.summary(proofs, out)
    return not any(proof.problems for proof in proofs)


def banks(katas: Sequence[Kata], isolation: str, out: Console, err: Console, *, mutants: bool) -> bool:
    """Audit the example banks and print what is found. Returns whether there is no problem."""
    proofs = []
    broken = [(kata.id, found) for kata in katas if (found := files.broken(kata))]
    katas = [kata for kata in katas if not files.broken(kata)]
    for name, found in broken:
        report.problems(name, found, out)
    with _progress(err) as progress:
        for proof in of_banks.examine(katas, isolation, mutants=mutants, on_progress=progress):
            proofs.append(proof)
            report.problems(proof.kata, proof.problems, out)
        changed = [(kata.id, said) for kata, said in costs.measure(katas, isolation, progress) if said]
    for kata, said in changed:
        report.problems(kata, (said,), out)
    report.banks(proofs, out)
    return not (broken or changed or any(proof.problems for proof in proofs))


@contextmanager
def _progress(err: Console) -> Iterator[Callable[[int, int, str], None]]:
    with err.status("auditing") as status:
        yield lambda done, of, name: status.update(f"{done} of {of}  {name[:60]}")
