"""The wrong solutions that ship with a kata: what each believes, what to tell whoever made it, which check says no."""

import ast
import re
from pathlib import Path

import msgspec

from grader.model import GraderError, Kata, Outcome

_CAUGHT_BY = "Caught by:"
_KILL = re.compile(r"(test_\w+)(?:\s*\((raised|timed out|crashed)\))?", re.IGNORECASE)
_OUTCOMES = {"": Outcome.FAILED, **{outcome.value.replace("_", " "): outcome for outcome in Outcome}}


class Mistake(msgspec.Struct, frozen=True):
    """One wrong solution, as its docstring describes it."""

    name: str
    path: Path
    believes: str
    """The misconception."""
    message: str
    """For the learner: the cause, in one or two sentences."""
    caught_by: dict[str, Outcome]
    """Checks that must not be passed, and how each must end."""


def read(path: Path) -> Mistake:
    """Read a wrong solution's docstring. Raises GraderError if it does not have the three parts."""
    words = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    parts = [" ".join(part.split()) for part in words.split("\n\n")]
    if len(parts) < 3 or not parts[-1].startswith(_CAUGHT_BY):  # noqa: PLR2004  the three parts
        raise GraderError(
            f"mistake {path.stem}: its docstring wants three parts: what it believes, the message, `Caught by: test_x`"
        )
    caught_by = {name: _OUTCOMES[how.lower()] for name, how in _KILL.findall(parts[-1])}
    return Mistake(path.stem, path, parts[0], " ".join(parts[1:-1]), caught_by)


def readable(kata: Kata) -> list[Mistake]:
    """Those of a kata that can be read; the audit tells of the others."""
    found = []
    for path in kata.mistakes:
        try:
            found.append(read(path))
        except GraderError:
            continue
    return found
