"""The katas that there are, read from the tree: no manifest, nothing to keep in step."""

import difflib
import os
import sys
from functools import cache
from pathlib import Path

import msgspec
import yaml

from grader.model import GraderError, Kata, UsageError

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


def front_matter(path: Path) -> tuple[dict[str, object], str]:
    """Split a Markdown file into its YAML front matter and its text."""
    text = path.read_text(encoding="utf-8")
    if not text.startswith("---\n"):
        raise GraderError(f"{path.name} has no front matter: its first line must be ---")
    head, closed, body = text[4:].partition("\n---\n")
    facts = yaml.safe_load(head)
    if not closed or not isinstance(facts, dict):
        raise GraderError(f"{path.name}: the front matter must be a mapping that ends with a line ---")
    return facts, body.lstrip("\n")


@cache
def katas() -> tuple[Kata, ...]:
    """Every kata, by track and name."""
    return tuple(read_kata(stub, checks_root()) for stub in sorted(content_root().glob("exercises/*/*.py")))


def find(name: str) -> Kata:
    """The kata called `track/name` or `name`. Raises UsageError with the nearest name."""
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
    """The katas named, in their order and once each; all of them if none is named."""
    return tuple(dict.fromkeys(map(find, names))) if names else katas()


def read_kata(stub: Path, checks: Path) -> Kata:
    """The kata whose stub this is. Raises GraderError for front matter that isn't as it should be."""
    facts, _ = front_matter(stub.with_suffix(".md"))
    try:
        known = msgspec.convert(facts, _Facts)
    except msgspec.ValidationError as error:
        raise GraderError(f"front matter of {stub.with_suffix('.md').name}: {error}") from None
    known.imports = tuple(name for name in known.imports if name not in sys.stdlib_module_names)
    return Kata(
        track=stub.parent.name,
        name=stub.stem,
        root=str(stub.parents[2]),
        checks_root=str(checks),
        **msgspec.structs.asdict(known),
    )
