"""What every measurement needs: sizes, a folder, our command, the floor, the peers."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmarks import frozen
from benchmarks.figures import Figure
from benchmarks.peers.install import Installed
from benchmarks.processes import Command, available_cores, run

OURS = "kata grade"


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    cold: int
    """Turns of cold starts on numpy katas."""
    cold_keras: int
    batches: int
    """Turns of throughput."""
    few: tuple[str, ...]
    """Submissions that peers grade; all if none is named."""
    many: int
    """Submissions beyond the 24."""
    curriculum: tuple[str, ...]
    """Katas of it; all if none is named."""
    curriculum_turns: int
    warm: int
    """Submissions of a kata with heavy libraries."""
    warm_katas: int
    """How many such katas."""
    warm_turns: int
    growth: tuple[int, ...]
    commands: int


FULL = Sizes(4, 3, 2, (), 240, (), 2, 5, 3, 3, (100, 1_000, 10_000), 9)
QUICK = Sizes(
    2, 1, 1, frozen.FEW, 48, ("esmm", "bm25_index", "gsp_auction", "pcgrad", "item_cf"), 1, 3, 1, 1, (100, 400), 3
)


class Finding(NamedTuple):
    """What one measurement found: a table, and the figures that goals are about, by name."""

    title: str
    says: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]
    figures: dict[str, Figure]


@dataclass(frozen=True)
class Bench:
    """One run of the benchmarks."""

    sizes: Sizes
    folder: Path
    peers: tuple[Installed, ...]
    told: Callable[[str], None]
    """Is told what is being done."""

    @property
    def cores(self) -> tuple[int, ...]:
        """Numbers of cores to measure with."""
        return (1, 2) if available_cores() > 1 else (1,)

    def fresh(self, name: str) -> Path:
        """A new folder."""
        taken = len(list(self.folder.glob(f"{name}-*")))
        path = self.folder / f"{name}-{taken}"
        path.mkdir(parents=True)
        return path

    def environment(self, **more: str) -> dict[str, str]:
        """For our own processes: a home that is warm from turn to turn and not the user's."""
        return frozen.environment(self.folder / "home", **more)


@dataclass(frozen=True)
class Grading:
    """Our command on some submissions of one kata, and what it found."""

    command: Command
    output: Path

    def verdicts(self) -> dict[str, bool | None]:
        """Whether each submission passed, by its name; None for a fault of ours."""
        lines = self.output.read_text(encoding="utf-8").splitlines() if self.output.exists() else []
        reports = [json.loads(line) for line in lines]
        return {
            Path(each["submission"]).stem: {"passed": True, "failed": False}.get(each["status"]) for each in reports
        }

    def complaint(self, right: dict[str, bool]) -> str:
        """What is wrong with the verdicts; nothing if they are as they ought to be."""
        return disagreement(self.verdicts(), right)


def ours(bench: Bench, paths: Sequence[Path], *katas: str, work: bool = True) -> Grading:
    """Grade these, of the work or of the catalogue. Paths are told by name: thousands make a long command line."""
    output = bench.fresh("reports") / "reports.jsonl"
    chosen = [part for kata in katas for part in ("--kata", kata)]
    folder = paths[0].parent
    argv = [str(kata_command()), "grade", *(path.name for path in paths), *chosen]
    more = {"SHOPKATA_KATAS": str(frozen.WORK)} if work else {}
    arguments = [*argv, "--format", "json", "--output", str(output)]
    return Grading(Command(arguments, folder, bench.environment(**more)), output)


def kata_command() -> Path:
    """The command `kata` of this Python. Raises FileNotFoundError if it isn't installed."""
    command = Path(sys.executable).with_name("kata")
    if not command.exists():
        raise FileNotFoundError("there is no command `kata` beside this Python: pip install -e .")
    return command


class Floor(NamedTuple):
    """CPU seconds and verdict of every submission, in one warm process."""

    cpu: dict[str, float]
    right: dict[str, bool]

    def of(self, names: Sequence[str]) -> float:
        """CPU seconds of some of them."""
        return sum(self.cpu[name] for name in names)

    def of_copies(self, copies: Sequence[Path]) -> "Floor":
        """What it would be for copies, by their sources."""
        sources = {copy.stem: copy.stem.rpartition("_")[2] for copy in copies}
        return Floor(
            {name: self.cpu[source] for name, source in sources.items()},
            {name: self.right[source] for name, source in sources.items()},
        )


def floor(bench: Bench, what: str, paths: Sequence[Path]) -> Floor:
    """Measure the floor on one core. Raises OSError if it can't be done."""
    output = bench.fresh("floor") / "floor.jsonl"
    argv = [sys.executable, "-m", "benchmarks.floor", what, *map(str, paths)]
    told = run([Command(argv, frozen.ROOT, bench.environment(BENCHMARK_OUTPUT=str(output)))], cores=1)
    found = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()] if output.exists() else []
    if told.complaint or len(found) != len(paths):
        raise OSError(f"the floor of {what} can't be measured: {told.complaint or 'it ended early'}")
    names = [each["submission"] for each in found]
    return Floor(
        dict(zip(names, (each["cpu"] for each in found), strict=True)),
        dict(zip(names, (each["passed"] for each in found), strict=True)),
    )


def disagreement(found: dict[str, bool | None], right: dict[str, bool]) -> str:
    """How verdicts differ from those that are right, in words; nothing if they don't."""
    silent = sorted(name for name in right if found.get(name) is None)
    wrong = sorted(name for name in right if name not in silent and found[name] is not right[name])
    said = [f"no verdict on {_named(silent)}"] if silent else []
    said += [f"another verdict than the floor's on {_named(wrong)}"] if wrong else []
    return "; ".join(said)


def _named(names: list[str]) -> str:
    more = len(names) - len(names[:4])
    return ", ".join(names[:4]) + (f" and {more} more" if more else "")
