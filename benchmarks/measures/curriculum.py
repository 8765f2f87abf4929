"""The references of the whole curriculum in one go."""

from benchmarks import frozen
from benchmarks.bench import OURS, Bench, Finding, ours
from benchmarks.figures import figure, ratio
from benchmarks.measures.turns import Measured
from benchmarks.processes import run

_HEAD = ("cores", "wall s", "CPU s", "wall of one core / wall")


def curriculum(bench: Bench) -> list[Finding]:
    """One submission of every kata, on one core and on two."""
    found = {cores: Measured() for cores in bench.cores}
    for turn in range(bench.sizes.curriculum_turns):
        for cores in bench.cores:
            bench.told(f"the curriculum on {cores} cores, turn {turn + 1} of {bench.sizes.curriculum_turns}")
            grading = ours(bench, [frozen.ROOT / "solutions"], *bench.sizes.curriculum, work=False)
            cost = run([grading.command], cores=cores)
            found[cores].costs.append(cost)
            complaint = cost.complaint or grading.complaint({"solutions": True})
            found[cores].complaint = found[cores].complaint or complaint
    count = len(bench.sizes.curriculum) or len(list(frozen.ROOT.glob("solutions/*/*.py")))
    says = f"`{OURS} solutions`: {count} katas, every check of each, numpy, pandas, scikit-learn and Keras."
    if complaint := next((side.complaint for side in found.values() if side.complaint), ""):
        return [Finding("The curriculum", says, _HEAD, [(f"no figure: {complaint}", "", "", "")], {})]
    both = max(found)
    gains = {cores: ratio(found[1].walls, side.walls) for cores, side in found.items()}
    rows: list[tuple[str, ...]] = [
        (str(cores), str(figure(side.walls)), str(figure(side.cpus)), str(gains[cores]))
        for cores, side in found.items()
    ]
    figures = {"gain of curriculum": gains[both]} if both > 1 else {}
    return [Finding("The curriculum", says, _HEAD, rows, figures)]
