"""Write files to work in: stubs and statements for a learner, a new kata for an author."""

import keyword
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.content.libraries import LIBRARIES, stub_line
from grader.model import Kata, UsageError

_TEMPLATES = Path(__file__).with_name("new_kata")
_HYPOTHESIS = ("from hypothesis import given", "from hypothesis import strategies as st")
_NAME = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")


def start(katas: Sequence[Kata], into: Path) -> Iterator[tuple[bool, Path]]:
    """Copy stubs and statements, a folder for each track. Yields whether a file was there and kept, and its path."""
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
    """Write a small kata that passes `kata audit` into a clone, for its author to change. Returns the paths.

    Never overwrites. Raises UsageError for an unusable name, outside a clone, and if a file exists.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} isn't a name for a kata: track/name, in lower case, such as search/query_rewrite")
    if not (root / "pyproject.toml").exists():
        raise UsageError("new katas are written in a clone of the project, installed by `pip install -e .`")
    track, kata = name.split("/")
    _refuse_taken(kata, root)
    files = {root / path: text for path, text in _files(track, kata)}
    if there := [path for path in files if path.exists()]:
        raise UsageError(f"{there[0].relative_to(root)} exists; a kata is never overwritten")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [path.relative_to(root) for path in files]


def _refuse_taken(kata: str, root: Path) -> None:
    """Raise UsageError for a name that can't be imported as this kata's module."""
    if keyword.iskeyword(kata) or kata in sys.stdlib_module_names or kata in (*LIBRARIES, "reference", "grader"):
        raise UsageError(f"{kata!r} is a word or a module of Python already; choose another name")
    if other := next(root.glob(f"exercises/*/{kata}.py"), None):
        raise UsageError(
            f"{other.relative_to(root)} exists; a kata is never overwritten, and its name is in one track only"
        )


def _files(track: str, kata: str) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each file, from the templates in `new_kata`."""
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
