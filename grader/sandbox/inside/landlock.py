"""The wall that keeps a process from files, sockets and other processes: Landlock, by way of sandlock."""

import os
from collections.abc import Callable, Iterable


def confiner(*, relaxed: bool) -> Callable[[Iterable[str]], None]:
    """A function that confines the process that calls it, for good, to reading these paths. It leaves out missing ones.

    `relaxed` goes without what this kernel's Landlock can't do. Raises ImportError where sandlock isn't installed. All
    that the function needs is imported now, because where it is called nothing can be imported any more.
    """
    import sandlock  # noqa: PLC0415  not installed where there are no walls

    without = list(sandlock.Protection) if relaxed else []

    def confine(paths: Iterable[str]) -> None:
        there = [path for path in paths if os.path.exists(path)]
        sandlock.confine(sandlock.Sandbox(fs_readable=there, allow_degraded=without))

    return confine
