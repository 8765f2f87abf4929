"""What there is to say of a peer: how to install it, its format, how it is run, what it found."""

import shutil
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

from benchmarks.processes import Command


class Tools(NamedTuple):
    """A virtual environment, and the environment variables for what is run in it."""

    bin: Path
    environment: dict[str, str]

    def command(self, folder: Path, name: str, *arguments: str, **more: str) -> Command:
        """A command of the virtual environment."""
        return Command([str(self.bin / name), *arguments], folder, {**self.environment, **more})


class Peer(ABC):
    """Another grader. Each submission has a folder of its own, named after it."""

    name: ClassVar[str]
    packages: ClassVar[tuple[str, ...]]
    """What to install; the first is the grader itself."""

    @abstractmethod
    def files(self) -> dict[str, str]:
        """The kata and its checks in the peer's format: text by path."""

    def built(self, template: Path, tools: Tools) -> list[Command]:
        """What has to be run once over the files, before anything is graded; not measured."""
        del template, tools
        return []

    @abstractmethod
    def lay(self, template: Path, submissions: Sequence[Path], folder: Path, tools: Tools) -> list[Command]:
        """Put submissions where the peer wants them; the commands that grade them."""

    @abstractmethod
    def passed(self, folder: Path, submission: Path) -> bool | None:
        """Whether a submission was found to be right; None if the peer came to no verdict."""

    def write(self, template: Path) -> None:
        """Write the files."""
        for name, text in self.files().items():
            path = template / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def placed(submission: Path, folder: Path, name: str) -> Path:
    """The submission under the name that it must have, in its own folder."""
    own = folder / submission.stem
    own.mkdir(parents=True, exist_ok=True)
    shutil.copy(submission, own / name)
    return own
