"""Says no when grading has become dearer: `python -m benchmarks.guard`. It compares ratios, never seconds.

Both sides of a ratio are measured in one run, in turns, each at its best: noise only ever adds.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import frozen
from benchmarks.bench import FULL, Bench, floor, kata_command, ours
from benchmarks.figures import digits
from benchmarks.processes import Command, adopt_orphans, run

GRADING_LIMIT = 0.33
"""CPU of grading 8 submissions over the floor's of the same 8; about 1.5 times what was measured."""
HELP_LIMIT = 3.7
"""CPU of `kata --help` over that of importing rich and typer; about 1.4 times what was measured."""
EIGHT = ("s01", "s02", "s04", "s06", "s10", "s16", "s20", "s24")
TURNS = 3
PASSED, DEARER, PROBLEM = 0, 1, 2


def verdict(what: str, ours: Sequence[float], theirs: Sequence[float], limit: float) -> tuple[bool, str]:
    """Whether the best of ours over the best of theirs keeps the limit, and a sentence that says so."""
    found = min(ours) / min(theirs)
    if found <= limit:
        return True, f"{what}: {digits(found)}, within {digits(limit)}"
    return False, f"{what} has become {digits(found)}; the limit is {digits(limit)}: find what got dearer"


def main() -> int:
    """Measure both ratios and say whether they are kept."""
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="kata-guard-") as place:
        bench = Bench(FULL, Path(place), (), lambda _: None)
        try:
            verdicts = [_grading(bench), _help(bench)]
        except OSError as error:
            print(f"guard: {error}", file=sys.stderr)
            return PROBLEM
    for _, sentence in verdicts:
        print(sentence)
    return PASSED if all(kept for kept, _ in verdicts) else DEARER


def _grading(bench: Bench) -> tuple[bool, str]:
    submissions = frozen.submissions(EIGHT)
    mine, theirs = [], []
    for _ in range(TURNS):
        found = floor(bench, "work", submissions)
        theirs.append(found.of(EIGHT))
        grading = ours(bench, submissions, frozen.KATA)
        cost = run([grading.command], cores=1)
        if complaint := cost.complaint or grading.complaint(found.right):
            raise OSError(f"grading can't be measured: {complaint}")
        mine.append(cost.cpu)
    return verdict("CPU of grading 8 submissions over the floor", mine, theirs, GRADING_LIMIT)


def _help(bench: Bench) -> tuple[bool, str]:
    helped = Command([str(kata_command()), "--help"], frozen.ROOT, bench.environment())
    bare = Command([sys.executable, "-c", "import rich, typer"], frozen.ROOT, bench.environment())
    pairs = [(run([helped]).cpu, run([bare]).cpu) for _ in range(TURNS)]
    mine, theirs = zip(*pairs, strict=True)
    return verdict("CPU of `kata --help` over importing rich and typer", mine, theirs, HELP_LIMIT)


if __name__ == "__main__":
    sys.exit(main())
