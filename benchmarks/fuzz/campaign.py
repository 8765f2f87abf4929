"""Children that try inputs, one after the other until the time is over, and what their deaths tell."""

import hashlib
import importlib.util
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks.fuzz.child import CPU_SECONDS, Work
from benchmarks.fuzz.slate import Slate

TARGET = "benchmarks.fuzz.target:run"
_ROOT = Path(__file__).parents[2]
_MOST = 20
"""Findings: after so many of them the first ones should be repaired."""


class Finding(NamedTuple):
    """An input whose child died."""

    cause: str
    data: bytes
    told: str
    """What the child wrote last."""

    @property
    def name(self) -> str:
        """A name for a file with the input."""
        return f"{hashlib.sha256(self.data).hexdigest()[:16]}.input"


class Outcome(NamedTuple):
    """What came of a campaign."""

    tried: int
    findings: list[Finding]
    seconds: float
    engine: str


def fuzz(seconds: float, corpus: Path, working: Path, seed: int = 1, target: str = TARGET) -> Outcome:
    """Try changed inputs for so long; new ones that reach further are left in the folder `working`."""
    engine = "guided" if importlib.util.find_spec("atheris") else "blind"
    folders = [str(each.absolute()) for each in ((working, corpus) if engine == "guided" else (corpus,))]
    began, findings, tried = time.monotonic(), list[Finding](), 0
    while (left := seconds - (time.monotonic() - began)) > 1 and len(findings) < _MOST:
        turn = seed + len(findings)
        count, found = _child(Work("", target, folders, engine, left, turn))
        tried += count
        if found is None:
            break
        findings.append(found)
    return Outcome(tried, findings, time.monotonic() - began, engine)


def replay(files: Sequence[Path], target: str = TARGET) -> Outcome:
    """Try these inputs as they are, each once."""
    began, findings, tried, left = time.monotonic(), list[Finding](), 0, [str(path.absolute()) for path in files]
    while left:
        count, found = _child(Work("", target, left, "replay"))
        tried += count
        if found is not None:
            findings.append(found)
        left = left[max(1, count) :] if found is not None else []
    return Outcome(tried, findings, time.monotonic() - began, "replay")


def _child(work: Work) -> tuple[int, Finding | None]:
    """How many inputs a child has tried, and the one that it died of."""
    with tempfile.TemporaryDirectory(prefix="kata-fuzz-") as place, (Path(place) / "told").open("w+b") as told:
        slate = Slate(Path(place) / "slate")
        asked = msgspec.json.encode(msgspec.structs.replace(work, slate=str(Path(place) / "slate"))).decode()
        command = [sys.executable, "-m", "benchmarks.fuzz.child", asked]
        code = subprocess.run(command, stdout=told, stderr=told, check=False, cwd=_ROOT).returncode
        told.seek(0)
        words = told.read().decode(errors="replace")
        if code == 0:
            return slate.tried(), None
        return slate.tried(), Finding(_cause(code, words), slate.last(), words[-3000:])


def _cause(code: int, words: str) -> str:
    if code == -signal.SIGPROF:
        return f"took more than {CPU_SECONDS:g} s of CPU"
    if code < 0:
        return f"died by {signal.Signals(-code).name}"
    raised = [line for line in words.splitlines() if line and not line.startswith((" ", "=", "INFO", "SUMMARY"))]
    lines = [line for line in raised if ("Error" in line or "Exception" in line) and ":" in line]
    return lines[-1][:200] if lines else f"ended with code {code}"
