"""docs/architecture.md tells of the code as it is: its drawing, the path of a submission, the rooms."""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))  # at the end: a grader that is installed comes first

from benchmarks import rooms  # noqa: E402

TEXT = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
STEPS = TEXT.partition("## The path of one submission")[2].partition("\n## ")[0]


def test_the_drawing_is_of_these_imports() -> None:
    assert rooms.drawing() in TEXT, "write it again: python -m benchmarks.rooms"


def test_the_path_of_a_submission_names_modules_that_there_are() -> None:
    steps = re.findall(r"^\d+\. ", STEPS, re.MULTILINE)
    names = re.findall(r"`([a-z_]+(?:/[a-z_]+)*)`", STEPS)
    assert len(steps) == 10
    assert len(names) > 15
    missing = [name for name in names if not any((ROOT / "grader" / f"{name}{end}").exists() for end in (".py", ""))]
    assert missing == []


def test_every_room_is_told_of() -> None:
    table = TEXT.partition("## Rooms")[2]
    told = {room for line in table.splitlines() if line.startswith("| `") for room in re.findall(r"`(\w+)`", line)}
    assert set(rooms.imports()) - {"sandbox/inside"} <= told


def test_rooms_make_no_circle() -> None:
    arrows = rooms.imports()
    left = dict(arrows)
    while free := [room for room, names in left.items() if not names & left.keys()]:
        for room in free:
            del left[room]
    assert left == {}


def test_nothing_imports_checks_or_solutions() -> None:
    kata_names = {path.stem for path in (ROOT / "solutions").glob("*/*.py")}
    for path in sorted((ROOT / "grader").rglob("*.py")):
        if "checks" in path.relative_to(ROOT / "grader").parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert not name.startswith(("grader.checks", "solutions")), path
                assert name.partition(".")[0] not in kata_names, path
