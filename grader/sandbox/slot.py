"""How a worker is confined: each way starts a slot's first process with one end of a socket as its standard input."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from grader.model import GraderError, Isolation
from grader.sandbox.backends import bare, sandlock

_KEPT = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Without these numpy computes wrong results on some processors."""

NOWHERE = "/dev/null"
"""A home in which not even root can make a file: what one slot's libraries write, another's could not read."""

_BOOT = """import json, os, socket
control = socket.socket(fileno=os.dup(0))
settings = json.loads(control.recv(1 << 20))
exec(compile(settings["sources"]["sandbox.inside.zygote"], "zygote.py", "exec"))
roomy(main)(control, settings)
"""
_PROTOCOL = ("codes", "caps", "arrays", "frames", "wire", "columns", "matrices", "tables")
_INSIDE = (
    *("errors", "model_rebuilder", "syscalls", "readable", "source", "courtesy", "privileges", "looks"),
    *("worker", "zygote"),
)
_SENT = (*(f"protocol.{name}" for name in _PROTOCOL), *(f"sandbox.inside.{name}" for name in _INSIDE))
"""Modules of this package that are run in a slot, in the order in which they import each other.

They are sent as text: no folder of ours needs to be readable there, and none is named there.
"""

_FLAGS = ["-s", "-S", "-P", "-B"]

_NO_RANDOMIZE = 0x0040000
LANDLOCK_ABI = 6
"""Linux 6.12, or a backport: scopes for signals and abstract sockets."""


class Settings(msgspec.Struct, frozen=True):
    """What a slot is made of."""

    preload: tuple[str, ...]
    """Modules that its workers find imported."""
    memory: int
    """Bytes that each of its processes may have."""
    processes: int
    """First process and workers."""
    cpu_seconds: int
    """After which the kernel ends a worker, whatever the judge does."""
    hash_seed: int = 0
    env: dict[str, str] = {}
    disguised: bool = False
    """Whether the interpreter's path must not have "python" in it."""


class Slot:
    """A zygote, confined, and the socket on which it takes requests. One submission at a time lives in it."""

    def __init__(self, settings: Settings, isolation: Isolation) -> None:
        self.ready = False
        _cache_bytecode(settings)
        self._own = tempfile.mkdtemp(prefix="kata-") if settings.disguised else None
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        module = bare if isolation is Isolation.BARE else sandlock
        self.control.send(msgspec.json.encode(_told_zygote(settings, isolation)))
        with theirs:
            self.host = subprocess.Popen(
                module.command([*_FLAGS, "-c", _BOOT], _told_host(settings, isolation, self._own)),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=environment(settings),
            )

    def wait_until_ready(self, seconds: float = 120.0) -> None:
        """Wait for the imports. Raises GraderError if the zygote did not come up."""
        self.control.settimeout(seconds)
        try:
            told = self.control.recv(4096)
        except OSError as error:
            told = str(error).encode()
        self.control.settimeout(None)
        self._tidy()
        if told != b"ready":
            self.close()
            complaint = self.host.stderr.read(4000).decode(errors="replace") if self.host.stderr else ""
            raise GraderError(f"the sandbox did not start: {told.decode(errors='replace')} {complaint}".strip())
        self.ready = True

    def close(self) -> None:
        """End every process of the slot."""
        self.control.close()
        self._tidy()
        self.host.terminate()
        try:
            self.host.wait(5)
        except subprocess.TimeoutExpired:
            self.host.kill()
            self.host.wait()

    def forget(self) -> None:
        """In a fork: let go of a slot that is another process's."""
        self.control.close()
        if self.host.stderr is not None:
            self.host.stderr.close()

    def _tidy(self) -> None:
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)


def environment(settings: Settings) -> dict[str, str]:
    """A clean environment: nothing of the judge's comes along."""
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    return {
        "LANG": "C.UTF-8",
        "HOME": NOWHERE,
        "TMPDIR": NOWHERE,
        "PYTHONHASHSEED": str(settings.hash_seed),
        "JOBLIB_MULTIPROCESSING": "0",
        **dict.fromkeys(threads, "1"),
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        **settings.env,
    }


def _cache_bytecode(settings: Settings) -> None:
    """Import once outside what a slot will import, so that its bytecode is kept: some installers leave that to us.

    Nothing can be written in a slot, and compiling Keras and its backend at every start takes 5 s.
    """
    wanted = [name for name in settings.preload if not _has_bytecode(name.partition(".")[0])]
    if wanted:
        env = {"PATH": os.environ.get("PATH", ""), **environment(settings)}
        command = [sys.executable, "-s", "-P", "-c", f"import {', '.join(wanted)}"]
        subprocess.run(command, env=env, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _has_bytecode(package: str) -> bool:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return True
    cached = Path(importlib.util.cache_from_source(spec.origin))
    return cached.exists() or not os.access(Path(spec.origin).parent, os.W_OK)


def packages() -> list[str]:
    """Where third-party packages are found; never a folder that holds this project's source."""
    library = Path(msgspec.__file__).resolve().parents[1]
    places = dict.fromkeys([str(library), *(path for path in sys.path if path.endswith("-packages"))])
    return [path for path in places if Path(path).is_dir()]


def _told_host(settings: Settings, isolation: Isolation, own: str | None) -> dict[str, Any]:
    return {
        "packages": packages(),
        "confined": isolation,
        "processes": settings.processes,
        "own": own,
        "env": environment(settings),
    }


def _told_zygote(settings: Settings, isolation: Isolation) -> dict[str, Any]:
    package = Path(__file__).resolve().parents[1]
    return {
        "sources": {name: (package / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8") for name in _SENT},
        "packages": packages(),
        "private": [str(package.parent)],
        "preload": settings.preload,
        "confined": isolation,
        "cpu_seconds": settings.cpu_seconds,
        "memory": settings.memory,
    }


def resolve(wanted: Isolation) -> Isolation:
    """The isolation that `auto` means here. Raises GraderError where there is none."""
    if wanted is Isolation.BARE:
        return wanted
    advice = "; `--isolation bare` grades without a sandbox: only for code that you trust"
    if sys.platform != "linux":
        raise GraderError(f"the sandbox needs Linux (on Windows: WSL 2){advice}")
    try:
        import sandlock  # noqa: PLC0415  exists on Linux only
    except ImportError as error:
        raise GraderError(f"the sandbox can't be loaded ({error}); `pip install sandlock`{advice}") from None
    found: int = sandlock.landlock_abi_version()
    if found >= LANDLOCK_ABI:
        return Isolation.SANDLOCK
    if found < 1:
        raise GraderError(f"this kernel has no Landlock (Linux 5.13 or later, switched on){advice}")
    if wanted is Isolation.SANDLOCK:
        raise GraderError(
            f"this kernel's Landlock (ABI {found}) lacks {missing(found)}; `--isolation auto` does without"
        )
    return Isolation.DEGRADED


def refuse_uncertifiable(confined: Isolation) -> None:
    """Raise GraderError where a certified grade can't be had: no full sandbox, or the same addresses each time."""
    if confined is not Isolation.SANDLOCK:
        raise GraderError(f"a certified grade needs the full sandbox; this would be graded in {confined}")
    if not _addresses_differ():
        raise GraderError("a certified grade needs address space layout randomisation; this system has it switched off")


def _addresses_differ() -> bool:
    """Whether each new program has its libraries at other addresses."""
    try:
        switched_off = Path("/proc/sys/kernel/randomize_va_space").read_text(encoding="ascii").strip() == "0"
        personality = int(Path("/proc/self/personality").read_text(encoding="ascii"), 16)
    except (OSError, ValueError):
        return False
    return not (switched_off or personality & _NO_RANDOMIZE)


def missing(abi: int) -> str:
    """What an older kernel's Landlock can't do."""
    lacks = {6: "scopes for signals and abstract sockets", 5: "ioctl on devices", 4: "TCP rules", 3: "truncation"}
    return ", ".join(what for since, what in lacks.items() if abi < since)
