"""sandlock: Landlock and seccomp, without privileges. Its host is `sandlock_host.py`, one process for each slot."""

import json
import sys
from functools import partial
from pathlib import Path

from grader.sandbox.backends.backend import Backend, Host, Walls, host_itself

LANDLOCK_ABI = 6
"""Linux 6.12, or a backport: scopes for signals and abstract sockets."""
_HOST = Path(__file__).with_name("sandlock_host.py")


def _command(host: Host, *, relaxed: bool) -> list[str]:
    settings = {**host._asdict(), "relaxed": relaxed}
    return [sys.executable, "-s", "-P", str(_HOST), json.dumps(settings)]


def _unavailable(*, relaxed: bool) -> str:
    if sys.platform != "linux":
        return "the sandbox needs Linux (on Windows: WSL 2)"
    try:
        import sandlock  # noqa: PLC0415  exists on Linux only
    except ImportError as error:
        return f"the sandbox can't be loaded ({error}); `pip install sandlock`"
    found: int = sandlock.landlock_abi_version()
    if found < 1:
        return "this kernel has no Landlock (Linux 5.13 or later, switched on)"
    if found < LANDLOCK_ABI and not relaxed:
        return f"this kernel's Landlock (ABI {found}) lacks {missing(found)}; `--isolation auto` does without"
    return ""


def missing(abi: int) -> str:
    """What an older kernel's Landlock can't do."""
    lacks = {6: "scopes for signals and abstract sockets", 5: "ioctl on devices", 4: "TCP rules", 3: "truncation"}
    return ", ".join(what for since, what in lacks.items() if abi < since)


SANDLOCK = Backend(
    "sandlock",
    partial(_command, relaxed=False),
    partial(_unavailable, relaxed=False),
    Walls.FULL,
    automatic=True,
    charged=host_itself,
    certifiable=True,
)
DEGRADED = Backend(
    "sandlock-degraded",
    partial(_command, relaxed=True),
    partial(_unavailable, relaxed=True),
    Walls.RELAXED,
    automatic=True,
    charged=host_itself,
    selectable=False,
)
