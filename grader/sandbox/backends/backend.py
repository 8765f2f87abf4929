"""What the grader has to know of a way to confine a slot."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple


class Walls(StrEnum):
    """What workers and the fork that judges build around themselves, whatever the backend built before."""

    FULL = "full"
    """Landlock, a list of allowed system calls, no capability."""
    RELAXED = "relaxed"
    """The same, without what this kernel's Landlock can't do."""
    NONE = "none"


class Host(NamedTuple):
    """What a backend is told of the slot that it is to start."""

    zygote: list[str]
    """The arguments of the interpreter for the first process inside."""
    packages: list[str]
    """Folders of third-party packages, to be readable."""
    env: dict[str, str]
    processes: int
    """How many may live at once: the first process and the workers."""
    own: str | None
    """An empty folder for a copy of the interpreter under another name; None where its own path will do."""


def host_itself(host: int) -> int:
    """For a `Backend.charged`: the process that the command started is the one that works for the workers."""
    return host


class Backend(NamedTuple):
    """One way to confine a slot.

    The first process is given one end of a socket as its standard input. It must be a descendant of the process that
    the command starts, and end with it; its process ids are read from the kernel, so a namespace of its own is fine.
    """

    name: str
    command: Callable[[Host], list[str]]
    """The command that starts a slot's first process, confined."""
    unavailable: Callable[[], str]
    """Why it can't be had on this machine, in half a sentence; empty if it can."""
    walls: Walls
    automatic: bool
    """Whether `auto` may choose it."""
    charged: Callable[[int], int]
    """The process whose CPU seconds count to a submission besides those of its workers, as a process id.

    That is the process that does work for them: it answers their system calls, or forks them. The function gets the id
    of the process that the command started; `host_itself` returns just that. It is called when the slot is ready and no
    worker lives there. A command that only starts another process, and waits, must say which one: the clock of a
    process that waits stands still.
    """
    selectable: bool = True
    """Whether a user may ask for it by name."""
    certifiable: bool = False
    """Whether a certified grade may be made in it."""

    @property
    def confines(self) -> bool:
        """Whether a worker is kept from the user's files and from signalling itself."""
        return self.walls is not Walls.NONE
