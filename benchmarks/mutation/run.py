"""Runs the tests of a module on each of its mutants, in copies of the clone."""

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from benchmarks.mutation import changes
from benchmarks.mutation.chosen import ROOT, modules
from grader.audit.mutate import Mutant

_COPIED = ("grader", "exercises", "solutions", "fixtures", "tests", "benchmarks", "docs")
_FILES = ("pyproject.toml", "README.md", "tox.ini", "CHANGELOG.md", "SECURITY.md", "LICENSE")
_SLOWER, _MORE = 3.0, 15.0
"""A mutant has timed out after so many times what the tests take on what is right, and so many seconds more."""


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"


class Tried(NamedTuple):
    """One module with its mutants."""

    module: str
    of: int
    """Mutants there are."""
    fates: dict[str, Fate]
    """By the mutant's name."""
    seconds: float
    """What the tests take on what is right."""
    complaint: str = ""
    """Why nothing could be tried."""


class Trees:
    """Copies of the clone, one for each job at a time."""

    def __init__(self, place: Path, number: int) -> None:
        self._free: queue.SimpleQueue[Path] = queue.SimpleQueue()
        for each in range(number):
            self._free.put(_copied(place / f"tree{each}"))

    @contextlib.contextmanager
    def changed(self, module: str, code: str) -> Iterator[Path]:
        """A copy in which one module has this code."""
        tree = self._free.get()
        right = (tree / module).read_bytes()
        try:
            (tree / module).write_text(code, encoding="utf-8")
            yield tree
        finally:
            (tree / module).write_bytes(right)
            self._free.put(tree)


def tried(module: str, trees: Trees, pool: ThreadPoolExecutor, most: int, seed: int) -> Tried:
    """Try a sample of a module's mutants."""
    source = (ROOT / module).read_text(encoding="utf-8")
    sample, of = changes.sampled(source, module, most, seed)
    began = time.monotonic()
    if (fate := _fate(trees, module, changes.unchanged(source), 600.0)) is not Fate.SURVIVED:
        return Tried(module, of, {}, 0.0, f"its tests end with {fate} on what is right")
    seconds = time.monotonic() - began
    limit = _SLOWER * seconds + _MORE
    try_one = lambda mutant: _fate(trees, module, mutant.code, limit)  # noqa: E731
    return Tried(module, of, dict(zip(map(name_of, sample), pool.map(try_one, sample), strict=True)), seconds)


def name_of(mutant: Mutant) -> str:
    """What an explanation of a survivor refers to."""
    return mutant.name.replace("`", "'")


def _copied(tree: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in _COPIED:
        shutil.copytree(ROOT / name, tree / name, ignore=ignored)
    for name in _FILES:
        shutil.copy(ROOT / name, tree / name)
    return tree


def _fate(trees: Trees, module: str, code: str, limit: float) -> Fate:
    """What the tests make of a module with this code."""
    with trees.changed(module, code) as tree:
        running = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *modules()[module]],
            cwd=tree,
            env={**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return Fate.KILLED if running.wait(limit) else Fate.SURVIVED
        except subprocess.TimeoutExpired:
            return Fate.TIMED_OUT
        finally:
            _end_session(running.pid)
            running.wait()


def _end_session(session: int) -> None:
    """End whatever a test has started: judges have process groups of their own, and a mutant may forget them."""
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            if int(entry.read_text().rpartition(")")[2].split()[3]) == session:
                os.kill(int(entry.parent.name), signal.SIGKILL)
