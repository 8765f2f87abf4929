"""Write docs/checks.md, what an audit with mutants proved of every kata: `python benchmarks/audit_table.py` (long)."""

import sys
from collections.abc import Iterable, Iterator

from grader.audit.proof import Proof, equivalents
from grader.audit.run import audit
from grader.content import catalog
from grader.sandbox.backends import registry

TARGET = catalog.content_root() / "docs" / "checks.md"
HEAD = """# How good the checks are

Written by `python benchmarks/audit_table.py`; `kata audit --mutants` prints the same and the kill matrices.

- **mistakes**: wrong solutions that ship with the kata, and how many of them the checks refuse in the way that their
  docstrings say;
- **lazy**: the most that an answer earns which doesn't try: None, 0, an empty list, its own argument, zeros of the
  right shape;
- **right**: solutions written otherwise that get full marks; one of them is by somebody who had only the statement;
- **mutants**: small changes to the reference (operators, constants, comparisons, boundaries, deleted statements,
  swapped arguments) that some check refuses; those that make no difference are listed below, with why.

| kata | checks | mistakes | lazy | right | mutants killed | timed out or crashed | survived | make no difference |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
"""


def main() -> None:
    """Audit everything, write the file."""
    katas = catalog.katas()
    told = lambda done, of, name: print(f"\r{done}/{of} {name:60.60}", end="", file=sys.stderr)  # noqa: E731
    proofs = {proof.kata: proof for proof in audit(katas, registry.resolve("auto"), mutants=True, told=told)}
    ordered = [proofs[kata.id] for kata in katas]
    reasons = [line for kata in katas for line in explained(kata.id, equivalents(kata))]
    text = [*map(row, ordered), total(ordered), "", "## Mutants that make no difference", *reasons]
    TARGET.write_text(HEAD + "\n".join(text) + "\n", encoding="utf-8")
    problems = [f"{proof.kata}: {problem}" for proof in ordered for problem in proof.problems]
    sys.exit("\n".join(problems) or 0)


def row(proof: Proof) -> str:
    """One kata."""
    fates = proof.mutants
    dead = fates.get("killed", 0)
    other = fates.get("timed out", 0) + fates.get("crashed", 0)
    cells = (
        f"`{proof.kata}`",
        len(proof.checks),
        f"{proof.mistakes_killed}/{len(proof.matrix)}",
        f"{max(proof.lazy.values()):.0%}",
        proof.alternatives,
        dead,
        other,
        fates.get("survived", 0),
        fates.get("equivalent", 0),
    )
    return f"| {' | '.join(map(str, cells))} |"


def total(proofs: Iterable[Proof]) -> str:
    """All katas together."""
    rows = [[int(cell.split("/")[0].strip("%` ")) for cell in row(proof).split("|")[2:-1]] for proof in proofs]
    checks, mistakes, _, right, *mutants = map(sum, zip(*rows, strict=True))
    return f"| **all** | {checks} | {mistakes} | | {right} | {' | '.join(map(str, mutants))} |"


def explained(kata: str, reasons: dict[str, str]) -> Iterator[str]:
    """A kata's mutants that make no difference, and why."""
    if reasons:
        yield from ("", f"`{kata}`", "")
        for mutant, why in reasons.items():
            yield f"- `{mutant.replace('`', '')}`: {' '.join(why.split())}"


if __name__ == "__main__":
    main()
