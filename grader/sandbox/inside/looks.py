"""Looking at files where `stat`, `access` and `readlink` are refused: a file is looked at by opening it.

The sandbox decides what may be opened, and not what may be looked at: size, owner and time of every file of the machine
could be read. So the system calls are refused, and these functions stand in for them; importing needs them.
"""

import errno
import os
import posix
import sys
from typing import Any

_PLAIN = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


def stat(path: Any, *, dir_fd: int | None = None, follow_symlinks: bool = True) -> os.stat_result:
    """What `os.stat` gives, of what may be read. Raises OSError for everything else."""
    if isinstance(path, int):
        return os.fstat(path)
    descriptor = os.open(path, _PLAIN | (0 if follow_symlinks else os.O_NOFOLLOW), dir_fd=dir_fd)
    try:
        return os.fstat(descriptor)
    finally:
        os.close(descriptor)


def lstat(path: Any, *, dir_fd: int | None = None) -> os.stat_result:
    """What `os.lstat` gives, of what may be read and is no link."""
    return stat(path, dir_fd=dir_fd, follow_symlinks=False)


def access(path: Any, mode: int, **_options: Any) -> bool:
    """Whether a file may be read; nothing may be written."""
    try:
        stat(path)
    except OSError:
        return False
    return not mode & os.W_OK


def readlink(path: Any, **_options: Any) -> str:
    """Never where a link leads. Raises FileNotFoundError."""
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)


def by_opening() -> None:
    """From now on, look by opening."""
    for module in (os, posix):
        for function in (stat, lstat, access, readlink):
            setattr(module, function.__name__, function)
    _keep_listings()


def _keep_listings() -> None:
    """Let imports go on with what they know of a folder of the path that can't be listed any more."""
    for place in sys.path:
        finder = sys.path_importer_cache.get(place)
        if hasattr(finder, "_path_mtime"):
            try:
                stat(place)
            except OSError:
                finder._path_mtime = -1  # type: ignore[union-attr]  # noqa: SLF001  what it takes for "as before"
