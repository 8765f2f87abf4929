"""New files: a folder to work in for a learner, the files of a new kata for an author."""

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.content.libraries import stub_line
from grader.model import Kata, UsageError

_TEMPLATES = Path(__file__).with_name("new_kata")
_HYPOTHESIS = ("from hypothesis import given", "from hypothesis import strategies as st")
_NAME = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")


def start(katas: Sequence[Kata], into: Path) -> Iterator[tuple[bool, Path]]:
    """Copy stubs and statements by track; yields each path, and whether it was there already and was kept."""
    if into.exists() and not into.is_dir():
        raise UsageError(f"{into} is a file; name a folder")
    for kata in katas:
        folder = into / kata.track
        folder.mkdir(parents=True, exist_ok=True)
        for source in (kata.stub, kata.statement):
            target = folder / source.name
            kept = target.exists()
            if not kept:
                shutil.copyfile(source, target)
            yield kept, target


def new(name: str, root: Path) -> list[Path]:
    """Write the files of a new kata into a clone: a small one that passes `kata audit`, to be changed.

    Never overwrites. Raises UsageError for what is no name, where there is no clone, and where a file exists.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} isn't a name for a kata: track/name, in lower case, such as search/query_rewrite")
    if not (root / "pyproject.toml").exists():
        raise UsageError("new katas are written in a clone of the project, installed by `pip install -e .`")
    track, kata = name.split("/")
    files = {root / path: text for path, text in _files(track, kata)}
    if there := [path for path in files if path.exists()]:
        raise UsageError(f"{there[0].relative_to(root)} exists; a kata is never overwritten")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [path.relative_to(root) for path in files]


def _files(track: str, kata: str) -> Iterator[tuple[str, str]]:
    """Where each file goes, and what is in it."""
    places = {
        "exercises/stub.py": f"exercises/{track}/{kata}.py",
        "exercises/statement.md": f"exercises/{track}/{kata}.md",
        "solutions/reference.py": f"solutions/{track}/{kata}.py",
        "solutions/explanation.md": f"solutions/{track}/{kata}.md",
        "checks/checks.py": f"grader/checks/{track}/test_{kata}.py",
    }
    words = {
        "__TRACK__": track,
        "__KATA__": kata,
        "__TITLE__": kata.replace("_", " ").capitalize(),
        "__IMPORTS__": "\n".join(sorted([*_HYPOTHESIS, f"from {kata} import best"])),
        "__MAY_IMPORT__": stub_line(["numpy"]),
    }
    for template in sorted(_TEMPLATES.glob("*/*.txt")):
        own = template.relative_to(_TEMPLATES).with_suffix("")
        text = template.read_text(encoding="utf-8")
        for word, value in words.items():
            text = text.replace(word, value)
        yield places.get(own.as_posix(), f"fixtures/{own.parent}/{track}/{kata}/{own.name}"), text
