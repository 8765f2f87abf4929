"""The host of one slot: a small process that owns a sandlock sandbox, in which the zygote and its workers live.

Run by path. Allow-lists only: never `fs_denied`, copy-on-write or `max_disk`, and never /proc: with any of them the
supervisor opens files on the worker's behalf, and the worker's own confinement no longer holds. Nor `max_memory`: it
ends a worker where the kernel's limit for it gives a MemoryError, and looks at each map of memory.
"""

import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

_READABLE = (
    "/usr",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/dev/null",
    "/dev/urandom",
    "/dev/random",
)
_DENIED = """
    memfd_create chmod fchmod fchmodat chown fchown fchownat lchown utimensat setxattr lsetxattr fsetxattr
    truncate mknod mknodat symlink symlinkat link linkat rename renameat renameat2 unlink unlinkat mkdir mkdirat rmdir
    socketpair pidfd_open pidfd_getfd process_vm_readv process_vm_writev ptrace kcmp userfaultfd
    sched_setaffinity setpriority
""".split()


def main() -> None:
    """Start the zygote in a sandbox and stay until it ends."""
    settings: dict[str, Any] = json.loads(sys.argv[1])
    _die_with_parent()
    import sandlock  # noqa: PLC0415  after the parent is known to be alive

    interpreter, readable = _interpreter(settings["own"])
    places = (*_READABLE, *readable, *settings["packages"])
    box = sandlock.Sandbox(
        fs_readable=[path for path in places if os.path.exists(path)],
        clean_env=True,
        env=settings["env"],
        max_processes=settings["processes"],
        no_coredump=True,
        extra_deny_syscalls=_DENIED,
        allow_degraded=list(sandlock.Protection) if settings["relaxed"] else [],
    )
    null = sandlock.StdioMode.NULL
    zygote = box.popen([interpreter, *settings["zygote"]], stdin=sandlock.StdioMode.INHERIT, stdout=null, stderr=null)
    zygote.wait()


def _interpreter(own: str | None) -> tuple[str, list[str]]:
    """The interpreter, and what it must be able to read.

    TensorFlow reads /proc/self/cmdline when the interpreter's path has "python" in it, and aborts where it can't; so it
    gets a copy under another name, in a folder of its own that the judge removes once the zygote is up.
    """
    readable = [sys.prefix, sys.base_prefix]
    if own is None:
        return sys.executable, readable
    copy = Path(own, "bin", "kata-worker")
    copy.parent.mkdir()
    shutil.copy2(Path(sys.executable).resolve(), copy)
    Path(own, "pyvenv.cfg").write_text(f"home = {Path(sys.base_prefix, 'bin')}\n")
    return str(copy), [*readable, own]


def _die_with_parent() -> None:
    import ctypes  # noqa: PLC0415

    parent = os.getppid()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(0)


if __name__ == "__main__":
    main()
