"""What the process that judges one submission gives up before it reads a first answer.

An answer that gets the better of the judge's own libraries finds a process that can read those libraries, compute, and
talk to the learner's worker and to the session that watches it. It can't write a file, open a connection, start or
signal a process, or read anything else.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from grader.sandbox.backends import registry
from grader.sandbox.backends.backend import Walls
from grader.sandbox.settings import packages

_CALLS = "getsockname getsockopt stat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat".split()
"""By which Python looks at a socket that it is handed, and at files to import."""
_SYSTEM = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/share/zoneinfo", "/dev/null", "/dev/urandom")


def confiner(isolation: str, more: list[Path]) -> Callable[[], None]:
    """What confines the process that calls it, for good, to libraries and these places. Prepared before it forks."""
    backend = registry.backend(isolation)
    if not backend.confines:
        return lambda: None
    from grader.sandbox.inside import landlock, privileges, syscalls  # noqa: PLC0415  where there is a sandbox

    own = Path(__file__).resolve().parents[1]
    places = [*_SYSTEM, sys.prefix, sys.base_prefix, *packages(), str(own), *map(str, more)]
    readable = [place for place in dict.fromkeys(map(os.path.realpath, places)) if place != "/"]
    restrict_files = landlock.confiner(relaxed=backend.walls is Walls.RELAXED)
    filters = syscalls.program(more=tuple(_CALLS))

    def confine() -> None:
        privileges.drop_capabilities()
        restrict_files(readable)
        syscalls.restrict(filters)

    return confine
