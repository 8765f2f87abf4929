"""What graded, for reports: versions, and by hash what a kata's grade rests on."""

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from grader.banks import shipped, sources
from grader.model import Kata, Versions

_PACKAGES = {"grader": "shopkata", **{name: name for name in ("numpy", "keras", "pytest", "hypothesis")}}


@cache
def versions() -> Versions:
    """The grader, Python and the libraries, as installed here; nothing is imported for it."""
    packages = {name: _installed(package) for name, package in _PACKAGES.items()}
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return Versions(system, {"python": platform.python_version(), **packages})


@cache
def hash_of(kata: Kata) -> str:
    """Of a kata's checks with what they share, its reference and its bank: what the same grade for a seed rests on."""
    digest = hashlib.sha256()
    for file in (*sources.of_checks(kata), kata.reference, shipped.path(kata)):
        content = file.read_bytes() if file.is_file() else b""
        digest.update(f"{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
