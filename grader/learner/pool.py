"""Workers: forks of a slot's zygote, each with a channel of its own that is never used again."""

import contextlib
import json
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

from grader.isolation import NOWHERE, Settings
from grader.learner import wire
from grader.learner.errors import CannotCross
from grader.learner.frames import Channel, Closed, Garbled
from grader.model import GraderError, Kata

GB = 1 << 30
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
"""What learners import: found imported by each of their workers, it costs once what it would cost each of them."""
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
"""What slots are warm with, cheapest first: a numpy kata never pays for Keras."""

_NEEDS = {"keras": "keras", "sklearn": "sklearn", "scipy": "sklearn", "pandas": "pandas"}


def profile_of(kata: Kata) -> str:
    """The cheapest profile that has what the kata allows."""
    needed = {_NEEDS[name] for name in kata.imports if name in _NEEDS}
    return next((name for name in reversed(PROFILES) if name in needed), "plain")


class Zygote:
    """The judge's side of a slot: asks for workers. `broken` once anything about the slot is in doubt."""

    def __init__(self, control: socket.socket, host: int) -> None:
        self._control, self._host = control, host
        self.broken = False
        self._began = cpu_of(host)

    def fork(self) -> "Worker":
        """A new worker with a new channel."""
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        with theirs:
            socket.send_fds(self._control, [b"fork"], [theirs.fileno()])
        pid = int(self._answer())
        if pid <= 0:
            self.broken = True
            raise GraderError("the sandbox can't start another worker")
        return Worker(self, pid, ours)

    def reap(self, pid: int) -> tuple[int, float]:
        """The status and CPU seconds of a worker that has ended."""
        self._control.send(str(pid).encode())
        status, seconds, _ = json.loads(self._answer())
        return status, seconds

    def supervisor_seconds(self) -> float:
        """CPU seconds that the sandbox itself has spent since this submission began."""
        return cpu_of(self._host) - self._began

    def _answer(self) -> bytes:
        self._control.settimeout(30)
        try:
            answer = self._control.recv(1024)
        except OSError:
            answer = b""
        if not answer:
            self.broken = True
            raise GraderError("the sandbox is gone")
        return answer


class Worker:
    """One confined process and the private channel to it."""

    def __init__(self, zygote: Zygote, pid: int, end: socket.socket) -> None:
        self._zygote, self._pid = zygote, pid
        self.watch: Any = None
        self._channel = Channel(end, self._watched)
        self.spent = 0.0
        """CPU seconds, final once it has ended."""
        self.decoding = 0.0
        """Seconds that reading its messages has cost here."""
        self.weight = 0
        """Bytes that the last message may take here; what is packed in one byte may take 64."""
        self.dropped: list[int] = []
        """Objects of its own that nobody holds any more; it hears of them with the next request."""
        self.alive = True

    def send(self, message: dict[str, Any], lend: wire.Lend) -> None:
        """Send one request, or the answer to a callback.

        Raises CannotCross if it holds what can't cross, WireError if the worker spoke unasked, Closed if it is gone.
        """
        try:
            frame = wire.Encoder(lend).frame(message)
        except wire.WireError as error:
            raise CannotCross(f"a check hands over what can't cross: {error}") from None
        self.send_frames(*frame)

    def send_frames(self, *parts: Any) -> None:
        """Send whole frames. Raises WireError if the worker spoke unasked, Closed if it is gone."""
        try:
            self._channel.expect_silence()
        except Garbled as error:
            raise wire.WireError(str(error)) from None
        self._channel.send(list(parts))

    def receive(self, borrow: wire.Borrow) -> Any:
        """The next message. Raises WireError for anything that isn't one, Closed if the worker is gone."""
        caps = wire.CAPS
        try:
            header, buffers = self._channel.receive(caps.header, caps.buffers, caps.total)
        except Garbled as error:
            raise wire.WireError(str(error)) from None
        self.weight = 64 * len(header) + sum(buffer.nbytes for buffer in buffers)
        began = time.perf_counter()
        try:
            return wire.Decoder(buffers, borrow).value(header)
        finally:
            self.decoding += time.perf_counter() - began

    def cpu_seconds(self) -> float:
        """CPU seconds so far, from the kernel."""
        if self.alive:
            self.spent = max(self.spent, cpu_of(self._pid))
        return self.spent

    def threads(self) -> int:
        """How many it has; 0 where that can't be told."""
        facts = _facts(self._pid)
        return int(facts[17]) if facts else 0

    def end(self) -> int:
        """Kill it, and return how it ended: a wait status."""
        if not self.alive:
            return 0
        self.cpu_seconds()
        self.alive = False
        self._channel.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        status, seconds = self._zygote.reap(self._pid)
        self.spent = max(self.spent, seconds)
        return status

    def wait_for_end(self, seconds: float = 0.2) -> int:
        """How it ended by itself; killed if it hasn't within this time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not _is_zombie(self._pid):
            time.sleep(0.002)
        return self.end()

    def _watched(self) -> None:
        if self.watch is not None:
            self.watch()


def cpu_of(pid: int) -> float:
    """CPU seconds of a process, from the kernel's clock for it."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except (OSError, AttributeError):
        # no such clock here (macOS), or no such process
        return 0.0


def _is_zombie(pid: int) -> bool:
    facts = _facts(pid)
    return not facts or facts[0] in (b"Z", b"X")


def _facts(pid: int) -> list[bytes]:
    """What the kernel tells of a process, from its state on; nothing if it is gone, or there is no /proc."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return []


__all__ = ["PROFILES", "Closed", "Worker", "Zygote", "cpu_of", "profile_of"]
