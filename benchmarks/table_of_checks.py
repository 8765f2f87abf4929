"""docs/checks.md: what an audit with mutants proved of every kata."""

from collections.abc import Iterator

from benchmarks import tables
from grader.audit.proof import Proof, equivalents
from grader.content import catalog

LAZY = 2
"""The column of which there is no sum."""
HEAD = """# How good the checks are

Written by `python -m benchmarks.tables`; `kata audit --mutants` prints the same and the kill matrices.

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


def row(proof: Proof) -> str:
    """What stands beside one kata."""
    fates = proof.mutants
    dead = fates.get("killed", 0)
    other = fates.get("timed out", 0) + fates.get("crashed", 0)
    cells = (
        len(proof.checks),
        f"{proof.mistakes_killed}/{len(proof.matrix)}",
        f"{max(proof.lazy.values()):.0%}",
        proof.alternatives,
        dead,
        other,
        fates.get("survived", 0),
        fates.get("equivalent", 0),
    )
    return f" {' | '.join(map(str, cells))}"


def page(rows: dict[str, str]) -> str:
    """The page, from the row of each kata."""
    lines = [f"| `{kata}` |{row} |" for kata, row in rows.items()]
    everything = f"| **all** | {tables.total(list(rows.values()), without=[LAZY])} |"
    reasons = [line for kata in catalog.katas() for line in explained(kata.id, equivalents(kata))]
    return HEAD + "\n".join([*lines, everything, "", "## Mutants that make no difference", *reasons]) + "\n"


def explained(kata: str, reasons: dict[str, str]) -> Iterator[str]:
    """A kata's mutants that make no difference, and why."""
    if reasons:
        yield from ("", f"`{kata}`", "")
        for mutant, why in reasons.items():
            yield f"- `{mutant.replace('`', '')}`: {' '.join(why.split())}"
