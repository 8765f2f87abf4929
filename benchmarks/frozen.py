"""The work that is measured: one kata, its checks and 24 submissions, in a folder that is left alone."""

import ast
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = Path(__file__).resolve().with_name("work")
KATA = "user_cf"
CHECKS = WORK / "checks" / "recommendation" / f"test_{KATA}.py"
REFERENCE = WORK / "solutions" / "recommendation" / f"{KATA}.py"
RIGHT = 9
"""How many of the 24 are right."""
FEW = ("s04", "s14")
"""Submissions for a quick look: one right, one wrong, together about as dear as two average ones."""
_DROPPED = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV", "SHOPKATA_KATAS")


def submissions(names: Sequence[str] = ()) -> list[Path]:
    """The submissions, or those of them that are named."""
    return [path for path in sorted(WORK.glob("submissions/*.py")) if not names or path.stem in names]


def copies(sources: Sequence[Path], count: int, folder: Path) -> list[Path]:
    """So many submissions, each a source in turn with a comment of its own: no two are the same file."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number in range(count):
        source = sources[number % len(sources)]
        copy = folder / f"n{number:05}_{source.stem}.py"
        copy.write_text(f"{source.read_text(encoding='utf-8')}\n# copy {number}\n", encoding="utf-8")
        made.append(copy)
    return made


def check_names() -> list[str]:
    """The checks, in their order."""
    tree = ast.parse(CHECKS.read_text(encoding="utf-8"))
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def learner_names() -> list[str]:
    """What the checks import of the learner's module."""
    return [alias.name for alias in _import_of_learner().names]


def checks_without_import() -> str:
    """The text of the checks without the line that imports the learner's module."""
    lines = CHECKS.read_text(encoding="utf-8").splitlines(keepends=True)
    node = _import_of_learner()
    return "".join([*lines[: node.lineno - 1], *lines[node.end_lineno :]])


def altered() -> list[str]:
    """Files that aren't as they were when they were first measured, and files that were not there."""
    lines = (WORK / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {name.strip().removeprefix("./"): digest for digest, _, name in (line.partition(" ") for line in lines)}
    there = {str(path.relative_to(WORK)): path for path in WORK.rglob("*.[pm][yd]") if path.name != "README.md"}
    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in there.items()}
    return sorted(name for name in sums.keys() | digests.keys() if sums.get(name) != digests.get(name))


def environment(home: Path, **more: str) -> dict[str, str]:
    """A child's environment: bytecode is cached, as it is for users, and nothing is kept but in this home."""
    home.mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in inherited().items() if not name.startswith("XDG_")}
    return {**kept, "HOME": str(home), "TMPDIR": str(home), **more}


def inherited() -> dict[str, str]:
    """Our own environment without what changes how Python finds or caches modules."""
    return {name: value for name, value in os.environ.items() if name not in _DROPPED}


def _import_of_learner() -> ast.ImportFrom:
    tree = ast.parse(CHECKS.read_text(encoding="utf-8"))
    return next(node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == KATA)
