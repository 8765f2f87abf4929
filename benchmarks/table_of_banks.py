"""docs/banks.md: grades by bank against grades by hypothesis."""

from benchmarks import tables
from grader.audit.bank_proof import BankProof

VERDICTS, SIZES = ("same", "stricter", "laxer"), ("smaller", "same", "larger")
HEAD = """# How example banks compare with hypothesis

Written by `python -m benchmarks.tables`; `kata audit --banks --mutants` prints the same.

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


def page(rows: dict[str, str], left: list[str]) -> str:
    """The page, from the row of each kata, and the properties that are left to hypothesis, with why."""
    lines = [f"| `{kata}` |{row} |" for kata, row in rows.items()]
    everything = f"| **all** | {tables.total(list(rows.values()))} |"
    return HEAD + "\n".join([*lines, everything, "", "## Left to hypothesis", "", *left]) + "\n"


def row(proof: BankProof) -> str:
    """What stands beside one kata."""
    by_bank, by_hypothesis = proof.mutants
    cells = (
        f"{proof.properties - len(proof.unbanked)}/{proof.properties}",
        f"{proof.shipped} ({proof.size / 1000:.1f})",
        proof.drawn,
        *(proof.verdicts[each] for each in VERDICTS),
        f"{by_bank}, {by_hypothesis} of {proof.of_mutants}",
        *(proof.sizes[each] for each in SIZES),
    )
    return f" {' | '.join(map(str, cells))}"
