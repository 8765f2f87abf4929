"""What the small commands cost."""

import sys

from benchmarks import frozen
from benchmarks.bench import Bench, Finding, kata_command
from benchmarks.figures import figure, ratio
from benchmarks.measures.turns import in_turns
from benchmarks.processes import Command

_BARE = "python -c pass"


def commands(bench: Bench) -> list[Finding]:
    """CPU of `kata list` and `kata --help` over that of an interpreter that does nothing."""
    argvs = {
        _BARE: [sys.executable, "-c", "pass"],
        "kata --help": [str(kata_command()), "--help"],
        "kata list": [str(kata_command()), "list"],
    }
    sides = {name: Command(argv, frozen.ROOT, bench.environment()) for name, argv in argvs.items()}
    found = in_turns(sides, bench.sizes.commands, lambda what: bench.told(f"commands: {what}"))
    rows: list[tuple[str, ...]] = []
    for name, side in found.items():
        over = "" if name == _BARE else str(ratio(side.cpus, found[_BARE].cpus))
        rows.append((name, side.complaint or str(figure(side.cpus)), over))
    figures = {name: figure(found[name].cpus) for name in ("kata --help", "kata list") if not found[name].complaint}
    says = "CPU seconds, median (lowest to highest) of turns."
    return [Finding("Small commands", says, ("command", "CPU s", f"CPU / `{_BARE}`"), rows, figures)]
