"""The process that may die: it tries one input after the other and notes each before it begins."""

import importlib
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from benchmarks.fuzz.slate import Slate

CPU_SECONDS = 10.0
"""For one input; who takes longer is ended by SIGPROF, also in compiled code."""
_MEMORY = 4 << 30
"""As a judge has."""
_LONGEST = 2048


class Work(msgspec.Struct, frozen=True):
    """What a child is to do."""

    slate: str
    target: str
    """Module and function."""
    inputs: list[str]
    """Files, or one folder for the guided engine to fill and others to begin with."""
    engine: str
    seconds: float = 0.0
    seed: int = 0


class Guard(NamedTuple):
    """Runs the target on one input, on the record and within a limit."""

    slate: Slate
    run: Callable[[bytes], None]

    def __call__(self, data: bytes) -> None:
        """Try one input."""
        self.slate.begin(data)
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        self.run(data)
        signal.setitimer(signal.ITIMER_PROF, 0)


def main() -> None:
    """Do the work that the first argument describes."""
    work = msgspec.json.decode(sys.argv[1], type=Work)
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ENGINES[work.engine](work)


def _target(work: Work) -> Guard:
    module, _, name = work.target.partition(":")
    return Guard(Slate(Path(work.slate)), getattr(importlib.import_module(module), name))


def _replay(work: Work) -> None:
    guard = _target(work)
    for path in work.inputs:
        guard(Path(path).read_bytes())


def _blind(work: Work) -> None:
    """Change what there is by chance: for where the guided engine can't be installed."""
    guard, rng = _target(work), random.Random(work.seed)
    known = [path.read_bytes() for folder in work.inputs for path in sorted(Path(folder).iterdir())] or [b"\0"]
    until = time.monotonic() + work.seconds
    while time.monotonic() < until:
        if rng.random() < 0.5:  # noqa: PLR2004
            guard(b"\0" + rng.randbytes(rng.randrange(200)))
            continue
        data = bytearray(rng.choice(known))
        for _ in range(rng.choice((1, 1, 2, 4))):
            at = rng.randrange(len(data) + 1)
            data[at : at + rng.randrange(2)] = rng.randbytes(rng.randrange(1, 3))
        guard(bytes(data[:_LONGEST]))


def _guided(work: Work) -> None:
    """Let libFuzzer change inputs, and keep those that reach new branches of the grader."""
    import atheris  # noqa: PLC0415

    instrumented: Any = atheris.instrument_imports(include=["grader", "benchmarks.fuzz.grammar"])
    with instrumented:
        guard = _target(work)
    options = [
        *(f"-max_total_time={max(1, int(work.seconds))}", f"-max_len={_LONGEST}", f"-seed={work.seed or 1}"),
        *("-rss_limit_mb=0", "-timeout=86400", "-len_control=20", "-verbosity=0", "-handle_segv=0", "-handle_abrt=0"),
        f"-artifact_prefix={work.inputs[0]}/../crash-",
    ]
    atheris.Setup([sys.argv[0], *options, *work.inputs], guard)
    atheris.Fuzz()


ENGINES: dict[str, Callable[[Work], None]] = {"replay": _replay, "blind": _blind, "guided": _guided}

if __name__ == "__main__":
    main()
    os._exit(0)
