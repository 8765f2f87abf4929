"""Katas with heavy libraries, against the same checks and learners in one process that has imported them already."""

from benchmarks import frozen
from benchmarks.bench import OURS, Bench, Finding, floor, ours
from benchmarks.figures import Figure, figure, ratio
from benchmarks.processes import run

KATAS = ("multitask/esmm", "content/cnn_classifier", "behavior/rfm_profile")
_HEAD = ("kata", "submissions", "floor, CPU s each", "ours, CPU s each", "ours / floor", "each further / floor")


def warm(bench: Bench) -> list[Finding]:
    """The reference again and again, each copy with a comment of its own."""
    figures: dict[str, Figure] = {}
    rows = [_kata(bench, kata, figures) for kata in KATAS[: bench.sizes.warm_katas]]
    says = (
        f"All on one core. `{OURS}` starts, imports, isolates and reports; the floor has imported everything and "
        "graded the reference once before. Each further: what a submission costs after the first of the run. The two "
        "take turns."
    )
    return [Finding("Keras and scikit-learn katas over the floor", says, _HEAD, rows, figures)]


def _kata(bench: Bench, kata: str, figures: dict[str, Figure]) -> tuple[str, ...]:
    name, count = kata.rpartition("/")[2], bench.sizes.warm
    copies = frozen.copies([frozen.ROOT / "solutions" / f"{kata}.py"], count, bench.fresh("warm"))
    totals, wholes, furthers = [], [], []
    for turn in range(1, bench.sizes.warm_turns + 1):
        bench.told(f"{name}: turn {turn} of {bench.sizes.warm_turns}")
        found = floor(bench, name, copies)
        spent = []
        for some in (copies[:1], copies):
            grading = ours(bench, some, name, work=False)
            cost = run([grading.command], cores=1)
            if complaint := cost.complaint or grading.complaint({path.stem: found.right[path.stem] for path in some}):
                return kata, str(count), "", f"no figure: {complaint}", "", ""
            spent.append(cost.cpu)
        totals.append(found.of([path.stem for path in copies]) / count)
        wholes.append(spent[1] / count)
        furthers.append((spent[1] - spent[0]) / (count - 1))
    figures[f"warm {name}"] = ratio(wholes, totals)
    figures[f"further {name}"] = ratio(furthers, totals)
    cells = figure(totals), figure(wholes), figures[f"warm {name}"], figures[f"further {name}"]
    return kata, str(count), *map(str, cells)
