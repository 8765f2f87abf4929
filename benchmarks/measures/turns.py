"""Commands that take turns: what slows the machine for a while slows all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.figures import Figure, figure, ratio
from benchmarks.processes import Command, Cost, run


@dataclass
class Measured:
    """What one side took in every turn that counted."""

    costs: list[Cost] = field(default_factory=list)
    complaint: str = ""

    @property
    def walls(self) -> list[float]:
        """Wall seconds."""
        return [cost.wall for cost in self.costs]

    @property
    def cpus(self) -> list[float]:
        """CPU seconds."""
        return [cost.cpu for cost in self.costs]

    def cells(self, other: "Measured | None") -> tuple[str, str, str, str]:
        """Wall, its ratio to another side's, CPU, its ratio."""
        if other is None or other is self:
            one = "" if other is None else "1"
            return str(figure(self.walls)), one, str(figure(self.cpus)), one
        wall, cpu = ratio(self.walls, other.walls), ratio(self.cpus, other.cpus)
        return str(figure(self.walls)), str(wall), str(figure(self.cpus)), str(cpu)


def in_turns(commands: dict[str, Command], turns: int, told: Callable[[str], None]) -> dict[str, Measured]:
    """Run each once to get warm, then so many times, one after the other within each turn."""
    found = {name: Measured() for name in commands}
    for turn in range(turns + 1):
        for name, command in commands.items():
            told(f"{name}, turn {turn} of {turns}")
            cost = run([command])
            found[name].complaint = found[name].complaint or cost.complaint
            if turn:
                found[name].costs.append(cost)
    return found


def wall_over(found: dict[str, Measured], name: str, other: str) -> Figure:
    """How much longer one took than another."""
    return ratio(found[name].walls, found[other].walls)


def slower(names: Sequence[str], found: dict[str, Measured]) -> list[str]:
    """The names, slowest first."""
    return sorted(names, key=lambda name: -figure(found[name].walls).median)
