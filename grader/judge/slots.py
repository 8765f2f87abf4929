"""What slots are made of, and the trusted end of a slot: starts workers in it and ends them."""

import json
import os
import socket
import struct
import sys
import time
from typing import NamedTuple

from grader.model import GraderError, Kata, Reason
from grader.sandbox.settings import NOWHERE, Settings

GB = 1 << 30
_READY = 30.0
"""Seconds to wait for a reply of a zygote."""
_CREDENTIALS = struct.Struct("iII")
_HAS_CREDENTIALS = sys.platform == "linux"
_KERAS_ENV = {
    "KERAS_BACKEND": os.environ.get("KERAS_BACKEND", "tensorflow"),
    "KERAS_HOME": NOWHERE,  # else it is /tmp/.keras, where anybody may put a configuration
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # Saves a sixth of a convolutional network's training; held to AVX2, so that machines with more compute the same.
    "TF_ENABLE_ONEDNN_OPTS": "1",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "-1",
    "JAX_PLATFORMS": "cpu",
}
if _KERAS_ENV["KERAS_BACKEND"] == "jax":
    # JAX's convolutions fail in a slot with this on; TensorFlow would abort at a flag that it doesn't know
    _KERAS_ENV["XLA_FLAGS"] = "--xla_cpu_experimental_ynn_fusion_type="
_COMMON = (
    *("bisect", "collections.abc", "dataclasses", "enum", "functools", "heapq", "itertools", "math", "operator", "re"),
    *("statistics", "string", "typing", "unicodedata", "numpy", "numpy.random", "numpy.typing"),
)
"""What learners import. The zygote imports it once, so that no worker has to."""
PROFILES = {
    "plain": Settings(preload=_COMMON, memory=GB, processes=2, cpu_seconds=600),
    "pandas": Settings(preload=(*_COMMON, "pandas"), memory=2 * GB, processes=2, cpu_seconds=600),
    "sklearn": Settings(
        preload=(*_COMMON, "pandas", "scipy.sparse", "scipy.linalg", "sklearn.cluster", "sklearn.preprocessing"),
        memory=2 * GB,
        processes=2,
        cpu_seconds=600,
    ),
    "keras": Settings(
        preload=(*_COMMON, "keras"), memory=6 * GB, processes=3, cpu_seconds=1200, env=_KERAS_ENV, disguised=True
    ),
}
"""Which libraries a slot has imported, cheapest first: a numpy kata never pays for Keras."""

_NEEDS = {"keras": "keras", "sklearn": "sklearn", "scipy": "sklearn", "pandas": "pandas"}


def profile_of(kata: Kata) -> str:
    """The cheapest profile that has what the kata allows."""
    needed = {_NEEDS[name] for name in kata.imports if name in _NEEDS}
    return next((name for name in reversed(PROFILES) if name in needed), "plain")


class Started(NamedTuple):
    """A worker that is ready for its first request."""

    number: int
    """What its zygote knows it by."""
    pid: int
    """What the kernel calls it here, by the credentials of its first byte: never the sandbox's own word."""
    end: socket.socket
    """Our end of its channel."""


class Ended(NamedTuple):
    """How a worker ended."""

    status: int
    """A wait status."""
    seconds: float
    """Its CPU seconds."""
    killed: bool
    """Whether that was our doing."""
    why: Reason | None = None
    """The limit that it had passed, if the supervisor killed it for that."""


class Zygote:
    """A slot's first process, as its owner sees it. `broken` once anything about the slot is in doubt."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self.broken = False

    def start(self) -> Started:
        """A new worker with a new channel. Raises GraderError if it does not come up."""
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        with theirs:
            if _HAS_CREDENTIALS:
                ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            try:
                socket.send_fds(self._control, [b"fork"], [theirs.fileno()])
            except OSError:
                raise self._gone() from None
        number = int(self._answer())
        if number <= 0:
            self.broken = True
            raise GraderError("the sandbox can't start another worker")
        return Started(number, self._greeted(ours) or number, ours)

    def end(self, number: int, patience: float = 0.0) -> Ended:
        """End a worker, or wait so many seconds for it to end by itself first."""
        try:
            self._control.send(f"end {number} {patience}".encode())
        except OSError:
            raise self._gone() from None
        return Ended(*json.loads(self._answer()))

    def _greeted(self, ours: socket.socket) -> int:
        """Wait until the worker is confined and ready, and learn its process id from the kernel; 0 where it can't tell.

        A worker that can't be made ready is our fault: nothing of the learner's has run in it.
        """
        ours.settimeout(_READY)
        try:
            greeting, credentials, _, _ = ours.recvmsg(1, socket.CMSG_SPACE(_CREDENTIALS.size))
        except OSError:
            greeting, credentials = b"", []
        if not greeting:
            self.broken = True
            raise GraderError("a worker of the sandbox did not come up")
        ours.settimeout(None)
        if not _HAS_CREDENTIALS:
            return 0
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
        return int(_CREDENTIALS.unpack(credentials[0][2])[0])

    def _answer(self) -> bytes:
        self._control.settimeout(_READY)
        try:
            answer = self._control.recv(1024)
        except OSError:
            answer = b""
        if not answer:
            raise self._gone()
        return answer

    def _gone(self) -> GraderError:
        self.broken = True
        return GraderError("the sandbox is gone")


def cpu_of(pid: int) -> float:
    """CPU seconds of a process, from the kernel's clock for it."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except (OSError, AttributeError):
        # no such clock here (macOS), or no such process
        return 0.0
