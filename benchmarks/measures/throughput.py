"""A class of submissions in one go, on one core and on two."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import frozen
from benchmarks.bench import OURS, Bench, Finding, Floor, disagreement, floor, ours
from benchmarks.figures import Figure, digits, figure, ratio, scaled
from benchmarks.measures.turns import Measured
from benchmarks.peers.install import Installed
from benchmarks.processes import Cost, run

_HEAD = (
    "grader", "submissions", "CPU s each", "CPU / floor", "wall s each, 1 core", "wall s each, 2 cores", "2 cores gain",
)  # fmt: skip


@dataclass
class Side:
    """What one grader took, by the number of cores, and what the floor took for the same submissions."""

    count: int
    on: dict[int, Measured] = field(default_factory=dict)
    floors: list[float] = field(default_factory=list)
    complaint: str = ""

    def add(self, cores: int, cost: Cost, complaint: str) -> None:
        """Take note of one run."""
        self.on.setdefault(cores, Measured()).costs.append(cost)
        self.complaint = self.complaint or cost.complaint or complaint

    def over_floor(self) -> Figure:
        """CPU on one core over the floor's, turn by turn."""
        return ratio(self.on[1].cpus, self.floors)

    def gain(self) -> Figure | None:
        """How many times faster two cores are."""
        both = max(self.on)
        turns = len(self.on[both].walls)
        return ratio(self.on[1].walls[:turns], self.on[both].walls) if both > 1 else None

    def row(self, name: str) -> tuple[str, ...]:
        """A line of the table."""
        if self.complaint:
            return name, str(self.count), f"no figure: {self.complaint}", "", "", "", ""
        walls = [str(scaled(self.on[cores].walls, self.count)) if cores in self.on else "" for cores in (1, 2)]
        each = scaled(self.on[1].cpus, self.count)
        return name, str(self.count), str(each), str(self.over_floor()), *walls, str(self.gain() or "")


def throughput(bench: Bench) -> list[Finding]:
    """The 24 by everybody, then ten times as many by us."""
    finding, floor_of_class = _class(bench)
    return [finding, _many(bench, floor_of_class)]


def _class(bench: Bench) -> tuple[Finding, Floor]:
    submissions = frozen.submissions()
    few = frozen.submissions(bench.sizes.few)
    sides = {OURS: Side(len(submissions))} | {each.peer.name: Side(len(few)) for each in bench.peers}
    floors = []
    for turn in range(bench.sizes.batches):
        bench.told(f"the floor, turn {turn + 1} of {bench.sizes.batches}")
        found = floor(bench, "work", submissions)
        if sum(found.right.values()) != frozen.RIGHT:
            raise OSError(f"the floor finds {sum(found.right.values())} submissions right, not {frozen.RIGHT}")
        floors.append(found.of([path.stem for path in submissions]))
        for cores in bench.cores:
            bench.told(f"the work on {cores} cores: {OURS}, turn {turn + 1} of {bench.sizes.batches}")
            _grade_ours(bench, submissions, cores, found, sides[OURS])
            for each in bench.peers if cores == 1 or turn == 0 else ():
                bench.told(f"the work on {cores} cores: {each.peer.name}, turn {turn + 1} of {bench.sizes.batches}")
                _grade_by(bench, each, few, cores, found, sides[each.peer.name])
    sides[OURS].floors = floors
    per_floor = scaled(floors, len(submissions))
    says = (
        f"The floor is {per_floor} CPU s a submission: the same checks by hypothesis in one warm process, no sandbox, "
        f"no report. CPU is that of every process, on one core. Others than `{OURS}` isolate nothing; on two cores two "
        "of them run at a time, once. A figure is given only where all verdicts are the floor's."
    )
    figures = _figures(sides)
    rows = [sides[name].row(name) for name in sorted(sides, key=lambda name: -_cpu(sides[name]))]
    return Finding("Throughput: a class", says, _HEAD, rows, figures), found


def _figures(sides: dict[str, Side]) -> dict[str, Figure]:
    """What goals are about, if our verdicts are right."""
    mine = sides[OURS]
    if mine.complaint:
        return {}
    found = {name: _over(side, mine) for name, side in sides.items() if side is not mine and not side.complaint}
    return {
        "class over floor": mine.over_floor(),
        "busy over counted": figure([cost.busy / cost.cpu for cost in mine.on[1].costs]),
        **{f"{name} over ours": over for name, over in found.items()},
    }


def _many(bench: Bench, floor_of_class: Floor) -> Finding:
    """More submissions, no two of them the same file; the floor is that of the class, as often as it is repeated."""
    count = bench.sizes.many
    copies = frozen.copies(frozen.submissions(), count, bench.fresh("many"))
    found = floor_of_class.of_copies(copies)
    mine = Side(count)
    for cores in bench.cores:
        for turn in range(bench.sizes.batches):
            bench.told(f"{count} submissions on {cores} cores: {OURS}, turn {turn + 1} of {bench.sizes.batches}")
            _grade_ours(bench, copies, cores, found, mine)
    total = found.of([path.stem for path in copies])
    mine.floors = [total] * bench.sizes.batches
    says = (
        f"The 24 again and again, each copy with a comment of its own. The floor: {digits(total / count)} CPU s each."
    )
    figures = {} if mine.complaint else {"many over floor": mine.over_floor()}
    if not mine.complaint and (gain := mine.gain()):
        figures["gain of many"] = gain
    return Finding(f"Throughput: {count} submissions", says, _HEAD, [mine.row(OURS)], figures)


def _grade_ours(bench: Bench, submissions: Sequence[Path], cores: int, found: Floor, side: Side) -> None:
    grading = ours(bench, submissions, frozen.KATA)
    cost = run([grading.command], cores=cores)
    side.add(cores, cost, grading.complaint(found.right))


def _grade_by(bench: Bench, each: Installed, submissions: Sequence[Path], cores: int, found: Floor, side: Side) -> None:
    """On two cores, two at a time: halves for a peer that takes a batch."""
    folder = bench.fresh(each.peer.name)
    halves = [submissions[part::cores] for part in range(cores)]
    commands = [command for half in halves for command in each.peer.lay(each.template, half, folder, each.tools)]
    cost = run(commands, at_once=cores, cores=cores)
    right = {path.stem: found.right[path.stem] for path in submissions}
    side.add(cores, cost, disagreement({path.stem: each.peer.passed(folder, path) for path in submissions}, right))
    if cores == 1:
        side.floors.append(found.of(list(right)))


def _over(side: Side, mine: Side) -> Figure:
    """How many times the CPU of ours, both over the floor of what they graded."""
    theirs = [cpu / floor for cpu, floor in zip(side.on[1].cpus, side.floors, strict=True)]
    own = [cpu / floor for cpu, floor in zip(mine.on[1].cpus, mine.floors, strict=True)]
    return ratio(theirs, own)


def _cpu(side: Side) -> float:
    return figure(side.on[1].cpus).median / side.count
