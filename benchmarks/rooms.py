"""The drawing of docs/architecture.md, made from the imports: rooms of the grader, and which one imports which."""

import ast
from pathlib import Path

GRADER = Path(__file__).resolve().parents[1] / "grader"
EVERYWHERE = frozenset({"model", "text", "process"})
"""Imported by nearly every room: their arrows would hide the others."""
_LEFT_OUT = frozenset({"__init__", "__main__", "checks", "katas"})


def imports() -> dict[str, set[str]]:
    """For each room the rooms that it imports, wherever in a file the import stands."""
    found: dict[str, set[str]] = {}
    for path in sorted(GRADER.rglob("*.py")):
        room = room_of(path.relative_to(GRADER).parts)
        if room not in _LEFT_OUT:
            found.setdefault(room, set()).update(_named_in(path) - {room})
    return found


def room_of(parts: tuple[str, ...]) -> str:
    """The room of a file; `sandbox/inside` is one of its own, since nobody in it is trusted."""
    if parts[:2] == ("sandbox", "inside"):
        return "sandbox/inside"
    return parts[0].removesuffix(".py")


def drawing() -> str:
    """A Mermaid flowchart. An arrow that follows from two others is left out."""
    every = imports()
    arrows = {room: {name for name in names if name in every} - EVERYWHERE for room, names in every.items()}
    lines = ["```mermaid", "flowchart TD"]
    for room in sorted(set(every) - EVERYWHERE):
        direct = arrows[room] - {far for near in arrows[room] for far in _reached(near, arrows)}
        lines += [f"    {_node(room)} --> {_node(name)}" for name in sorted(direct)]
    return "\n".join([*lines, "```"])


def _named_in(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            named = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        else:
            continue
        found |= {_room_named(name) for name in named if name.startswith("grader.")}
    return found & _rooms()


def _room_named(module: str) -> str:
    return room_of(tuple(module.split(".")[1:]))


def _rooms() -> set[str]:
    names = {path.stem for path in GRADER.iterdir() if not path.stem.startswith("__")}
    return (names | {"sandbox/inside"}) - _LEFT_OUT


def _reached(room: str, arrows: dict[str, set[str]]) -> set[str]:
    """Everything that a room imports, directly or not."""
    found: set[str] = set()
    waiting = [room]
    while waiting:
        new = arrows.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def _node(room: str) -> str:
    return f'{room.replace("/", "_")}["{room}"]' if "/" in room else room


def main() -> None:
    """Print the drawing."""
    print(drawing())


if __name__ == "__main__":
    main()
