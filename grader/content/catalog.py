"""The catalogue: every kata in the tree. There is no manifest, so nothing has to be kept in step with the files."""

import difflib
import os
import sys
from functools import cache
from pathlib import Path

import msgspec

from grader.content import front_matter
from grader.model import Kata, UsageError

PACKAGE = Path(__file__).resolve().parents[1]
OWN = "SHOPKATA_KATAS"
"""Environment variable: a folder of other katas, with exercises, solutions, checks and perhaps fixtures in it."""


class _Facts(msgspec.Struct, forbid_unknown_fields=True):
    """The front matter of a statement."""

    title: str
    questions: tuple[str, ...]
    level: str
    minutes: int
    imports: tuple[str, ...] = ()
    """Third-party libraries; the standard library is always allowed, listed or not."""
    after: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


_FORM = (
    "It has title, questions, level, minutes (a whole number), and where needed imports, after and sources; "
    "`kata new` writes an example"
)


def content_root() -> Path:
    """Where exercises, solutions and fixtures are: a folder of the user's own, inside the wheel, or the clone."""
    if own := os.environ.get(OWN):
        return _own(own)
    installed = PACKAGE / "katas"
    return installed if installed.is_dir() else PACKAGE.parent


def checks_root() -> Path:
    """Where the hidden checks are: in a folder of the user's own, or where they can import what they share."""
    return _own(own) / "checks" if (own := os.environ.get(OWN)) else PACKAGE / "checks"


def _own(folder: str) -> Path:
    root = Path(folder).absolute()
    for part in ("exercises", "solutions", "checks"):
        if not (root / part).is_dir():
            raise UsageError(f"{OWN} is {folder}, which has no folder {part!r}")
    return root


@cache
def katas() -> tuple[Kata, ...]:
    """Return every kata, sorted by track and name."""
    return tuple(read_kata(stub, checks_root()) for stub in sorted(content_root().glob("exercises/*/*.py")))


def find(name: str) -> Kata:
    """Return the kata called `track/name` or `name`. Raises UsageError, with the nearest name, if there is none."""
    wanted = name.removesuffix(".py").strip("/")
    for kata in katas():
        if wanted in (kata.id, kata.name):
            return kata
    known = {alias: kata.id for kata in katas() for alias in (kata.id, kata.name)}
    close = difflib.get_close_matches(wanted, known, n=1, cutoff=0.4) or [
        alias for alias in known if wanted and wanted in alias
    ]
    advice = f"did you mean {known[close[0]]}?" if close else "`kata list` shows them all"
    raise UsageError(f"no kata {name!r}; {advice}")


def select(names: list[str]) -> tuple[Kata, ...]:
    """Return the katas of these names, in this order and once each; every kata if there are no names."""
    return tuple(dict.fromkeys(map(find, names))) if names else katas()


def read_kata(stub: Path, checks: Path) -> Kata:
    """Read the kata that has this stub. Raises GraderError, with the file and the place, for a malformed one."""
    statement = stub.with_suffix(".md")
    facts, _ = front_matter.split(statement)
    known = front_matter.typed(facts, _Facts, statement, _FORM)
    known.imports = tuple(name for name in known.imports if name not in sys.stdlib_module_names)
    return Kata(
        track=stub.parent.name,
        name=stub.stem,
        root=str(stub.parents[2]),
        checks_root=str(checks),
        **msgspec.structs.asdict(known),
    )
