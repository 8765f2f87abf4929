"""Katas with heavy libraries, against the same checks and learners in one process that has imported them already."""

from benchmarks import frozen
from benchmarks.bench import OURS, Bench, Finding, floor, ours
from benchmarks.figures import Figure, digits
from benchmarks.processes import run

KATAS = ("multitask/esmm", "content/cnn_classifier", "behavior/rfm_profile")
_HEAD = ("kata", "submissions", "floor, CPU s each", "ours, CPU s each", "ours / floor", "each further / floor")


def warm(bench: Bench) -> list[Finding]:
    """The reference again and again, each copy with a comment of its own."""
    figures: dict[str, Figure] = {}
    rows = [_kata(bench, kata, figures) for kata in KATAS[: bench.sizes.warm_katas]]
    says = (
        f"All on one core. `{OURS}` starts, imports, isolates and reports; the floor has imported everything and "
        "graded the reference once before. Each further: what a submission costs after the first of the run."
    )
    return [Finding("Keras and scikit-learn katas over the floor", says, _HEAD, rows, figures)]


def _kata(bench: Bench, kata: str, figures: dict[str, Figure]) -> tuple[str, ...]:
    name, count = kata.rpartition("/")[2], bench.sizes.warm
    copies = frozen.copies([frozen.ROOT / "solutions" / f"{kata}.py"], count, bench.fresh("warm"))
    bench.told(f"{name}: the floor")
    found = floor(bench, name, copies)
    total = found.of([path.stem for path in copies])
    spent = []
    for some in (copies[:1], copies):
        bench.told(f"{name}: {OURS}, {len(some)} submissions")
        grading = ours(bench, some, name, work=False)
        cost = run([grading.command], cores=1)
        if complaint := cost.complaint or grading.complaint({path.stem: found.right[path.stem] for path in some}):
            return kata, str(count), digits(total / count), f"no figure: {complaint}", "", ""
        spent.append(cost.cpu)
    whole, further = spent[1] / total, (spent[1] - spent[0]) / (count - 1) / (total / count)
    figures[f"warm {name}"] = Figure(whole, whole, whole)
    figures[f"further {name}"] = Figure(further, further, further)
    cells = (total / count, spent[1] / count, whole, further)
    return kata, str(count), *map(digits, cells)
