"""A kata of the catalogue, and where its files are."""

from enum import StrEnum
from pathlib import Path

import msgspec


class Level(StrEnum):
    """How hard a kata is."""

    WARM_UP = "warm-up"
    CORE = "core"
    STRETCH = "stretch"


class Kata(msgspec.Struct, frozen=True):
    """One kata of the catalogue; its facts come from the statement's front matter."""

    track: str
    name: str
    title: str
    questions: tuple[str, ...]
    level: str
    minutes: int
    imports: tuple[str, ...]
    after: tuple[str, ...]
    sources: tuple[str, ...]
    root: str
    """Where exercises, solutions and fixtures are."""
    checks_root: str

    @property
    def id(self) -> str:
        """`track/name`."""
        return f"{self.track}/{self.name}"

    @property
    def stub(self) -> Path:
        """What a learner edits."""
        return Path(self.root, "exercises", self.track, f"{self.name}.py")

    @property
    def statement(self) -> Path:
        """The task, with the facts of the kata as front matter."""
        return self.stub.with_suffix(".md")

    @property
    def reference(self) -> Path:
        """The clearest good solution."""
        return Path(self.root, "solutions", self.track, f"{self.name}.py")

    @property
    def explanation(self) -> Path:
        """Why the reference is as it is, with hints and oral questions as front matter."""
        return self.reference.with_suffix(".md")

    @property
    def checks(self) -> Path:
        """The hidden checks."""
        return Path(self.checks_root, self.track, f"test_{self.name}.py")

    @property
    def mistakes(self) -> tuple[Path, ...]:
        """Plausible wrong solutions."""
        return tuple(sorted(Path(self.root, "fixtures", "mistakes", self.track, self.name).glob("*.py")))

    @property
    def alternatives(self) -> tuple[Path, ...]:
        """Correct solutions in another style."""
        return tuple(sorted(Path(self.root, "fixtures", "alternatives", self.track, self.name).glob("*.py")))
