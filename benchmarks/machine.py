"""The machine, the versions and the commit that figures belong to."""

import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks import frozen
from benchmarks.peers.install import SHARED, Installed
from benchmarks.processes import available_cores

_OURS = ("shopkata", *SHARED, "keras", "tensorflow-cpu", "tensorflow", "scikit-learn", "sandlock", "rich", "typer")


def facts(peers: Iterable[Installed]) -> list[tuple[str, str]]:
    """What to know about the machine, by what it is about."""
    load = os.getloadavg()[0]
    settings = [f"{name}={value}" for name, value in os.environ.items() if name.startswith("OPENBLAS_")]
    found = [
        ("date", datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")),
        ("commit", commit()),
        ("cores", f"{available_cores()} of {_of_file('/proc/cpuinfo', 'model name') or platform.machine()}"),
        ("memory", f"{int(_of_file('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.1f} GB"),
        ("kernel", f"{platform.system()} {platform.release()}"),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("load at the start", f"{load:.2f}{'' if load < 0.5 else ' (other work ran: see the spreads)'}"),  # noqa: PLR2004
        ("ours", ", ".join(_versions())),
        *((each.peer.name, _installed(each)) for each in peers),
    ]
    return [*found, ("environment", ", ".join(settings))] if settings else found


def commit() -> str:
    """The commit that is checked out, if this is a clone; changes that aren't committed don't show."""
    git = frozen.ROOT / ".git"
    try:
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
        if not (name := head.partition("ref: ")[2]):
            return head
        if (git / name).exists():
            return (git / name).read_text(encoding="utf-8").strip()
        lines = (git / "packed-refs").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    return next((line.split()[0] for line in lines if line.endswith(f" {name}")), "unknown")


def _installed(each: Installed) -> str:
    return ", ".join(f"{name} {each.versions[name]}" for name in (*each.peer.packages, *SHARED))


def _versions() -> Iterable[str]:
    for name in _OURS:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            continue


def _of_file(path: str, key: str) -> str:
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")
