"""What a run holds in memory, in all and for each slot."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks import frozen
from benchmarks.bench import OURS, Bench, Finding, ours
from benchmarks.figures import digits
from benchmarks.processes import available_cores, run
from benchmarks.resident import Resident

_HEAD = ("graded", "slots", "all, MB", "the command itself, MB", "each slot with its judge, MB", "largest process, MB")


def memory(bench: Bench) -> list[Finding]:
    """One submission, then 24; then one of a Keras kata."""
    keras = frozen.ROOT / "solutions" / "multitask" / "esmm.py"
    rows = [
        _row(bench, "1 submission of the work", frozen.submissions(["s01"]), work=True),
        _row(bench, "24 submissions of the work", frozen.submissions(), work=True),
        _row(bench, "1 submission of esmm (Keras)", [keras], work=False),
    ]
    says = (
        f"`{OURS}`, with a slot a core: peak of the proportional set sizes of all its processes, sampled each 50 ms; a "
        "page that several share counts once. The largest process: resident, by the kernel's own account."
    )
    return [Finding("Memory", says, _HEAD, rows, {})]


def _row(bench: Bench, what: str, paths: Sequence[Path], *, work: bool) -> tuple[str, ...]:
    bench.told(f"memory: {what}")
    slots = min(available_cores(), len(paths))
    grading = ours(bench, paths, *([frozen.KATA] if work else []), work=work)
    with Resident() as resident:
        cost = run([grading.command], watcher=resident)
    if cost.complaint:
        return what, str(slots), f"no figure: {cost.complaint}", "", "", ""
    sizes = (resident.most, resident.own, (resident.most - resident.own) / slots, cost.largest)
    return what, str(slots), *map(digits, sizes)
