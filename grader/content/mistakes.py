"""The wrong solutions that ship with a kata: what each believes, what its learner is told, which check refuses it."""

import ast
import re
from pathlib import Path

import msgspec

from grader.content import source_files
from grader.model import GraderError, Kata, Outcome

_CAUGHT_BY = "Caught by:"
_PARTS = 3
_KILL = re.compile(r"(test_\w+)(?: ?\((raised|timed out|crashed)\))?", re.IGNORECASE)
_OUTCOMES = {None: Outcome.FAILED, "raised": Outcome.RAISED, "timed out": Outcome.TIMED_OUT, "crashed": Outcome.CRASHED}


class Mistake(msgspec.Struct, frozen=True):
    """One wrong solution, as its docstring describes it."""

    name: str
    path: Path
    believes: str
    """The misconception."""
    message: str
    """For the learner: the cause, in one or two sentences."""
    caught_by: dict[str, Outcome]
    """The checks that refuse it, at least one, and the outcome of each."""


def read(path: Path) -> Mistake:
    """Read a wrong solution's docstring. Raises GraderError if the file is not Python or a part is missing or wrong."""
    words = ast.get_docstring(source_files.python(path)) or ""
    parts = [" ".join(part.split()) for part in words.split("\n\n")]
    if len(parts) < _PARTS or not parts[-1].startswith(_CAUGHT_BY):
        raise GraderError(
            f"mistake {path.stem}: its docstring wants three parts: what it believes, the message, `Caught by: test_x`"
        )
    return Mistake(path.stem, path, parts[0], " ".join(parts[1:-1]), _caught_by(path, parts[-1]))


def readable(kata: Kata) -> list[Mistake]:
    """Return a kata's mistakes that can be read. The audit reports the others."""
    found = []
    for path in kata.mistakes:
        try:
            found.append(read(path))
        except GraderError:
            continue
    return found


def _caught_by(path: Path, part: str) -> dict[str, Outcome]:
    entries = [entry.strip() for entry in part.removeprefix(_CAUGHT_BY).rstrip(" .,").split(",")]
    kills = [(entry, _KILL.fullmatch(entry)) for entry in entries]
    if wrong := [entry for entry, kill in kills if not kill]:
        raise GraderError(
            f"mistake {path.stem}: {wrong[0]!r} after `{_CAUGHT_BY}` is no check: write `test_x, test_y`, "
            "or `test_x (raised)`, `(timed out)`, `(crashed)` where it does not end as failed"
        )
    return {kill[1]: _OUTCOMES[kill[2] and kill[2].lower()] for _, kill in kills if kill}
