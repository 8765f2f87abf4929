"""A slot: a confined zygote, which has imported the libraries and forks workers."""

import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from grader.model import GraderError
from grader.sandbox.backends import registry
from grader.sandbox.backends.backend import Backend, Host
from grader.sandbox.settings import Settings, cache_bytecode, environment, packages

_BOOT = """import json, os, socket
control = socket.socket(fileno=os.dup(0))
settings = json.loads(control.recv(1 << 20))
exec(compile(settings["sources"]["sandbox.inside.zygote"], "zygote.py", "exec"))
roomy(main)(control, settings)
"""
_PROTOCOL = ("codes", "caps", "arrays", "frames", "encoder", "decoder", "wire", "columns", "matrices", "tables")
_INSIDE = (
    *("errors", "model_rebuilder", "syscalls", "readable", "source", "courtesy", "privileges", "landlock"),
    *("looks", "worker", "zygote"),
)
_SENT = (*(f"protocol.{name}" for name in _PROTOCOL), *(f"sandbox.inside.{name}" for name in _INSIDE))
"""Modules of this package that are run in a slot, in the order in which they import each other.

They are sent as text: no folder of ours needs to be readable there, and none is named there.
"""

_FLAGS = ["-s", "-S", "-P", "-B"]


class Slot:
    """A zygote, confined, and the socket on which it takes requests. One submission at a time lives in it."""

    def __init__(self, settings: Settings, isolation: str) -> None:
        self.ready = False
        cache_bytecode(settings)
        self._own = tempfile.mkdtemp(prefix="kata-") if settings.disguised else None
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._backend = registry.backend(isolation)
        self.control.send(msgspec.json.encode(_zygote_settings(settings, self._backend)))
        with theirs:
            self.host = subprocess.Popen(
                self._backend.command(_host_settings(settings, self._own)),
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

    @property
    def charged(self) -> int:
        """The process whose CPU seconds count to a submission besides those of its workers. Ask while none lives."""
        return self._backend.charged(self.host.pid)

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


def _host_settings(settings: Settings, own: str | None) -> Host:
    zygote = [*_FLAGS, "-c", _BOOT]
    return Host(zygote, packages(), environment(settings), settings.processes, own)


def _zygote_settings(settings: Settings, backend: Backend) -> dict[str, Any]:
    package = Path(__file__).resolve().parents[1]
    return {
        "sources": {name: (package / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8") for name in _SENT},
        "packages": packages(),
        "private": [str(package.parent)],
        "preload": settings.preload,
        "walls": backend.walls,
        "cpu_seconds": settings.cpu_seconds,
        "memory": settings.memory,
    }
