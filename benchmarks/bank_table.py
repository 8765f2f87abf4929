"""Write docs/banks.md, grades by bank against grades by hypothesis: `python benchmarks/bank_table.py` (long)."""

import sys

from grader.audit.bank_proof import BankProof
from grader.audit.banks import examine
from grader.content import catalog
from grader.sandbox.backends import registry

VERDICTS, SIZES = ("same", "stricter", "laxer"), ("smaller", "same", "larger")
TARGET = catalog.content_root() / "docs" / "banks.md"
HEAD = """# How example banks compare with hypothesis

Written by `python benchmarks/bank_table.py`; `kata audit --banks --mutants` prints the same.

A property is run on its bank: the shrunk inputs that refuted the wrong solutions that ship with the kata, and the
mutants of its reference (*shipped*), and what hypothesis draws for the seed (*drawn*). Every property was judged twice,
by bank and by hypothesis, on the reference, the right solutions written otherwise, the mistakes and the mutants.

- **same**, **stricter**, **laxer**: verdicts by bank, beside those by hypothesis. Stricter fails what passes by
  hypothesis; laxer would pass what fails by it, of which there must be none.
- **mutants**: how many of all some property refutes, by bank and by hypothesis; the other checks refute the rest
  ([checks](checks.md)).
- **smaller**, **equal**, **larger**: what refutes a mistake by bank, in bytes, beside what hypothesis shrinks to.

| kata | properties banked | shipped (kB) | drawn | same | stricter | laxer | mutants | smaller | equal | larger |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
"""


def main() -> None:
    """Examine everything, write the file."""
    katas, isolation = catalog.katas(), registry.resolve("auto")
    told = lambda done, of, name: print(f"\r{done}/{of} {name:60.60}", end="", file=sys.stderr)  # noqa: E731
    proofs = {proof.kata: proof for proof in examine(katas, isolation, mutants=True, told=told)}
    ordered = [proofs[kata.id] for kata in katas]
    TARGET.write_text(text(ordered), encoding="utf-8")
    sys.exit("\n".join(f"{proof.kata}: {problem}" for proof in ordered for problem in proof.problems) or 0)


def text(proofs: list[BankProof]) -> str:
    """The page."""
    rows = [row(f"`{proof.kata}`", [proof]) for proof in proofs]
    left = [f"- `{proof.kata}`: `{name}`: {why}" for proof in proofs for name, why in proof.unbanked.items()]
    return HEAD + "\n".join([*rows, row("**all**", proofs), "", "## Left to hypothesis", "", *left]) + "\n"


def row(name: str, proofs: list[BankProof]) -> str:
    """One kata, or several together."""
    properties = sum(proof.properties for proof in proofs)
    by_bank, by_hypothesis = (sum(proof.mutants[i] for proof in proofs) for i in (0, 1))
    cells = (
        name,
        f"{properties - sum(len(proof.unbanked) for proof in proofs)}/{properties}",
        f"{sum(proof.shipped for proof in proofs)} ({sum(proof.size for proof in proofs) / 1000:.1f})",
        sum(proof.drawn for proof in proofs),
        *(sum(proof.verdicts[each] for proof in proofs) for each in VERDICTS),
        f"{by_bank}, {by_hypothesis} of {sum(proof.of_mutants for proof in proofs)}",
        *(sum(proof.sizes[each] for proof in proofs) for each in SIZES),
    )
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    main()
