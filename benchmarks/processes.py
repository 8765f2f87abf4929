"""Commands run with everything that they start counted, and nothing of it left behind."""

import contextlib
import ctypes
import os
import signal
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple, Protocol

_PR_SET_CHILD_SUBREAPER = 36
_FINE = (0, 1)
_TICKS = os.sysconf("SC_CLK_TCK")


class Command(NamedTuple):
    """What to run, where, with which environment."""

    argv: list[str]
    folder: Path
    environment: dict[str, str]


class Cost(NamedTuple):
    """What some commands took together."""

    wall: float
    cpu: float
    """User and system seconds of every process, whether its parent waited for it or we did."""
    orphans: float
    """The part of `cpu` of processes whose parent ended without having waited for them."""
    busy: float
    """Seconds that the machine's cores were busy meanwhile: at least `cpu`, and not much more on a quiet machine."""
    largest: float
    """MB resident in the largest process."""
    complaint: str
    """Exit code and last line of a command that ended with neither 0 nor 1."""


class Watcher(Protocol):
    """Is told the process of a command that was started."""

    def follow(self, pid: int) -> None:
        """Take note of it."""


class _Running(NamedTuple):
    process: subprocess.Popen[bytes]
    told: IO[bytes]


def adopt_orphans() -> None:
    """Become the parent of descendants whose parent ends, so that they can be waited for, counted and ended."""
    if ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError("the benchmarks need Linux: this process can't adopt orphans")


def run(commands: Sequence[Command], at_once: int = 1, cores: int = 0, watcher: Watcher | None = None) -> Cost:
    """Run commands, so many at once, on so many cores (0: all). However this ends, none of their processes is left."""
    waiting, running = deque(commands), dict[int, _Running]()
    cpu, orphans, largest, complaint = 0.0, 0.0, 0, ""
    busy, began = busy_seconds(), time.perf_counter()
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                started = _started(waiting.popleft(), cores)
                running[started.process.pid] = started
                if watcher is not None:
                    watcher.follow(started.process.pid)
            pid, status, used = os.wait4(-1, 0)
            cpu, largest = cpu + used.ru_utime + used.ru_stime, max(largest, used.ru_maxrss)
            if ended := running.pop(pid, None):
                complaint = _complaint(ended, os.waitstatus_to_exitcode(status)) or complaint
            else:
                orphans += used.ru_utime + used.ru_stime
        wall = time.perf_counter() - began
        late = sum(_late())
    finally:
        end_all()
    return Cost(wall, cpu + late, orphans + late, busy_seconds() - busy, largest / 1024, complaint)


def end_all() -> None:
    """Kill every descendant of this process, and wait for it."""
    while left := descendants(os.getpid()):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.002)


def descendants(pid: int) -> list[int]:
    """Every process below this one, by what the kernel says of parents."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((entry / "stat").read_bytes().rpartition(b")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found, left = list[int](), [pid]
    while left:
        below = children.get(left.pop(), [])
        found += below
        left += below
    return found


def busy_seconds() -> float:
    """Seconds that all cores together have been at work since the machine started."""
    user, nice, system, _, _, irq, soft, *_ = Path("/proc/stat").read_text().partition("\n")[0].split()[1:]
    return sum(map(int, (user, nice, system, irq, soft))) / _TICKS


def available_cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0))


def _started(command: Command, cores: int) -> _Running:
    told = tempfile.TemporaryFile()  # noqa: SIM115  closed when the command has ended
    with _confined_to(cores):
        process = subprocess.Popen(
            command.argv,
            cwd=command.folder,
            env=command.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=told,
            process_group=0,  # Ctrl-C is for us: we end it and what it has started
        )
    return _Running(process, told)


@contextlib.contextmanager
def _confined_to(cores: int) -> Iterator[None]:
    """What is started meanwhile inherits so many cores."""
    ours = os.sched_getaffinity(0)
    if cores:
        os.sched_setaffinity(0, sorted(ours)[-cores:])
    try:
        yield
    finally:
        os.sched_setaffinity(0, ours)


def _complaint(ended: _Running, code: int) -> str:
    ended.process.returncode = code  # waited for by us, not by subprocess
    with ended.told as told:
        if code in _FINE:
            return ""
        told.seek(max(told.seek(0, os.SEEK_END) - 2000, 0))
        lines = told.read().decode(errors="replace").strip().splitlines()
    return f"exit code {code}: {lines[-1] if lines else 'it said nothing'}"


def _late(seconds: float = 5.0) -> Iterator[float]:
    """CPU seconds of orphans that outlive the last command a little."""
    deadline = time.monotonic() + seconds
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            pid, _, used = os.wait4(-1, os.WNOHANG)
            if pid:
                yield used.ru_utime + used.ru_stime
            else:
                time.sleep(0.005)
