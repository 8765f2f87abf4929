"""Write docs/banks.md, grades by bank against grades by hypothesis: `python benchmarks/bank_table.py` (long)."""

import sys

from grader import catalog
from grader.audit.bank_proof import BankProof
from grader.audit.banks import examine
from grader.isolation import resolve
from grader.model import Isolation

TARGET = catalog.content_root() / "docs" / "banks.md"
HEAD = """# How example banks compare with hypothesis

Written by `python benchmarks/bank_table.py`; `kata audit --banks --mutants` prints the same.

A property is run on its bank: the shrunk inputs that refuted the wrong solutions that ship with the kata, and the
mutants of its reference (*shipped*), and what hypothesis draws for the seed (*drawn*). Every property was judged twice,
by bank and by hypothesis, on the reference, the right solutions written otherwise, the mistakes and the mutants:

- **verdicts**: the same; stricter by bank (it passes by hypothesis); laxer by bank (must be 0);
- **sizes**: what refutes a mistake takes as many bytes as what hypothesis shrinks to; fewer; more (must be 0);
- **mutants**: how many some property refutes, by bank and by hypothesis; of how many. The others are refuted by worked
  examples and edge cases, which have no banks, or make no difference: see [checks](checks.md).

| kata | banked | shipped (kB) | drawn | same | stricter | laxer | as small | smaller | larger | mutants | hypo. | of |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
"""


def main() -> None:
    """Examine everything, write the file."""
    katas = catalog.katas()
    told = lambda done, of, name: print(f"\r{done}/{of} {name:60.60}", end="", file=sys.stderr)  # noqa: E731
    proofs = {proof.kata: proof for proof in examine(katas, resolve(Isolation.AUTO), mutants=True, told=told)}
    ordered = [proofs[kata.id] for kata in katas]
    left = [f"- `{proof.kata}`: `{name}`: {why}" for proof in ordered for name, why in proof.unbanked.items()]
    text = [*map(row, ordered), "", "## Left to hypothesis", "", *left]
    TARGET.write_text(HEAD + "\n".join(text) + "\n", encoding="utf-8")
    sys.exit("\n".join(f"{proof.kata}: {problem}" for proof in ordered for problem in proof.problems) or 0)


def row(proof: BankProof) -> str:
    """One kata."""
    cells = (
        f"`{proof.kata}`",
        f"{proof.properties - len(proof.unbanked)}/{proof.properties}",
        f"{proof.shipped} ({proof.size / 1000:.1f})",
        proof.drawn,
        *(proof.verdicts[each] for each in ("same", "stricter", "laxer")),
        *(proof.sizes[each] for each in ("same", "smaller", "larger")),
        *proof.mutants,
        proof.of_mutants,
    )
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    main()
