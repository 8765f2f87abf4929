"""Write docs/banks.md, grades by bank against grades by hypothesis: `python benchmarks/bank_table.py` (long)."""

import sys

from grader import catalog
from grader.audit.bank_proof import BankProof
from grader.audit.banks import examine
from grader.isolation import resolve
from grader.model import Isolation

TARGET = catalog.content_root() / "docs" / "banks.md"
HEAD = """# How example banks compare with hypothesis

Written by `python benchmarks/bank_table.py`.

A property is run on its bank: the shrunk inputs that refuted the wrong solutions that ship with the kata, and the
mutants of its reference (*shipped*), and what hypothesis draws for the seed (*drawn*). Every property was judged twice,
by bank and by hypothesis, on the reference, the right solutions written otherwise and the mistakes. Verdicts are the
same, stricter by bank (it passes by hypothesis), or laxer by bank, of which there must be none.

`kata audit --banks KATA` also compares the sizes of what refutes the mistakes, and with `--mutants` the verdicts on
mutants; how many mutants are refuted by bank stands in [checks](checks.md).

| kata | properties banked | shipped (kB) | drawn | same | stricter | laxer |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
"""


def main() -> None:
    """Examine everything, write the file."""
    katas, isolation = catalog.katas(), resolve(Isolation.AUTO)
    told = lambda done, of, name: print(f"\r{done}/{of} {name:60.60}", end="", file=sys.stderr)  # noqa: E731
    proofs = {proof.kata: proof for proof in examine(katas, isolation, mutants=False, sizes=False, told=told)}
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
    )
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    main()
