"""Ties between processes, and what the kernel tells of them."""

import os
import signal
import sys
from pathlib import Path
from typing import NamedTuple

_PR_SET_PDEATHSIG = 1


class Facts(NamedTuple):
    """What a process takes that no limit of its own counts."""

    threads: int
    page_tables: int
    """Bytes."""


def die_with_parent() -> None:
    """Have this process killed when its parent ends."""
    parent = os.getppid()
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def keep_standard_streams() -> None:
    """Open /dev/null where standard input, output or error is closed: else the next socket has that number.

    Whatever closes what isn't needed spares those three, and C libraries write their last words to the third.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free


def facts(pid: int) -> Facts:
    """Zeros where the process is gone, or there is no /proc."""
    try:
        lines = Path(f"/proc/{pid}/status").read_bytes().splitlines()
    except OSError:
        return Facts(0, 0)
    told = dict(line.split(b":", 1) for line in lines if b":" in line)
    return Facts(int(told.get(b"Threads", b"0")), 1024 * int(told.get(b"VmPTE", b"0 kB").split()[0]))
