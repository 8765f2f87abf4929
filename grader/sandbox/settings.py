"""What a slot is made of, and the environment that its processes find."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import msgspec

_KEPT = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Without these numpy computes wrong results on some processors."""

NOWHERE = "/dev/null"
"""A home in which not even root can make a file: what one slot's libraries write, another's could not read."""


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


def cache_bytecode(settings: Settings) -> None:
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
