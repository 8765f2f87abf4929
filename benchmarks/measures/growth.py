"""Whether a run of thousands costs more a submission, or more memory, than a run of a hundred."""

from benchmarks import frozen
from benchmarks.bench import OURS, Bench, Finding, ours
from benchmarks.figures import Figure, digits
from benchmarks.processes import run
from benchmarks.resident import Resident

_HEAD = ("submissions", "wall s each", "CPU s each", "the command itself, MB", "all, MB")


def growth(bench: Bench) -> list[Finding]:
    """Ever more of the work in one command."""
    counts = bench.sizes.growth
    rows: list[tuple[str, ...]] = []
    peaks, own, walls = list[float](), list[float](), list[float]()
    for count in counts:
        bench.told(f"{count:,} submissions in one command")
        copies = frozen.copies(frozen.submissions(), count, bench.fresh("growth"))
        grading = ours(bench, copies, frozen.KATA)
        with Resident() as resident:
            cost = run([grading.command], watcher=resident)
        silent = count - sum(verdict is not None for verdict in grading.verdicts().values())
        if cost.complaint or silent:
            why = cost.complaint or f"no verdict on {silent} submissions"
            rows.append((f"{count:,}", f"no figure: {why}", "", "", ""))
            continue
        cells = (cost.wall / count, cost.cpu / count, resident.own, resident.most)
        rows.append((f"{count:,}", *map(digits, cells)))
        peaks.append(resident.most)
        own.append(resident.own)
        walls.append(cost.wall / count)
    figures: dict[str, Figure] = {}
    if len(peaks) == len(counts):
        sides = {"all": peaks, "the command": own, "time": walls}
        figures = {f"growth of {name}": _single(side[-1] / side[0]) for name, side in sides.items()}
    says = f"`{OURS}` on all cores; each copy of the 24 has a comment of its own. Peaks of proportional set sizes."
    return [Finding("Growth", says, _HEAD, rows, figures)]


def _single(value: float) -> Figure:
    return Figure(value, value, value)
