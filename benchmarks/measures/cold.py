"""From the command to the verdict, when nothing is running yet."""

import sys
from pathlib import Path

from benchmarks import frozen
from benchmarks.bench import OURS, Bench, Finding, disagreement, ours
from benchmarks.measures.turns import Measured, in_turns, slower, wall_over
from benchmarks.processes import Command

PLAIN = "plain pytest"
CATALOGUE = {"recommendation/user_cf": False, "multitask/esmm": True}
"""Katas of the catalogue by whether they import Keras."""
_HEAD = ("grader", "wall s", f"wall / {PLAIN}", "CPU s", f"CPU / {PLAIN}")
_TURNS = "The commands take turns; one turn before is not counted. Median (lowest to highest)."


def cold(bench: Bench) -> list[Finding]:
    """The work by everybody; two katas of the catalogue by us and by plain pytest."""
    return [_work(bench), *(_kata(bench, kata, keras) for kata, keras in CATALOGUE.items())]


def _work(bench: Bench) -> Finding:
    """One right submission of the work."""
    right = frozen.submissions(["s01"])
    mine = ours(bench, right, frozen.KATA)
    commands = {OURS: mine.command}
    folder = bench.fresh("cold")
    for each in bench.peers:
        (commands[each.peer.name],) = each.peer.lay(each.template, right, folder / each.peer.name, each.tools)
    found = in_turns(commands, bench.sizes.cold, lambda what: bench.told(f"cold, the work: {what}"))
    found[OURS].complaint = found[OURS].complaint or mine.complaint({"s01": True})
    for each in bench.peers:
        verdict = each.peer.passed(folder / each.peer.name, right[0])
        side = found[each.peer.name]
        side.complaint = side.complaint or disagreement({"s01": verdict}, {"s01": True})
    says = f"One right submission of the work, and a report in a file. {_TURNS}"
    return _finding("Cold start to verdict: the work", says, found, "cold work")


def _kata(bench: Bench, kata: str, keras: bool) -> Finding:
    """The reference of one kata of the catalogue, every check, data and speed among them."""
    track, name = kata.split("/")
    reference = frozen.ROOT / "solutions" / f"{kata}.py"
    mine = ours(bench, [reference], work=False)
    checks = Path("grader", "checks", track, f"test_{name}.py")
    # xdist comes with no installation of ours; where it is there its import would count for plain pytest
    plain = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(checks)]
    commands = {OURS: mine.command, PLAIN: Command(plain, frozen.ROOT, bench.environment())}
    turns = bench.sizes.cold_keras if keras else bench.sizes.cold
    found = in_turns(commands, turns, lambda what: bench.told(f"cold, {name}: {what}"))
    found[OURS].complaint = found[OURS].complaint or mine.complaint({name: True})
    says = (
        f"The reference of `{name}` by all checks of the catalogue; plain pytest runs it in its own process. {_TURNS}"
    )
    return _finding(f"Cold start to verdict: {kata}{', a Keras kata' if keras else ''}", says, found, f"cold {name}")


def _finding(title: str, says: str, found: dict[str, Measured], key: str) -> Finding:
    graded = [name for name in found if not found[name].complaint]
    other = found[PLAIN] if PLAIN in graded else None
    rows: list[tuple[str, ...]] = [(name, *found[name].cells(other)) for name in slower(graded, found)]
    rows += [(name, f"no figure: {side.complaint}", "", "", "") for name, side in found.items() if side.complaint]
    figures = {key: wall_over(found, OURS, PLAIN)} if {OURS, PLAIN} <= set(graded) else {}
    return Finding(title, says, _HEAD, rows, figures)
