"""Drawn examples, kept from run to run in the user's cache folder.

Whoever could put examples there could make checks easy, so each file carries a keyed hash, and the key is where no
confined worker can read. Without walls, where workers can read what the user can, nothing is kept or believed.
"""

import contextlib
import hashlib
import hmac
import os
import secrets
import stat
import sys
import tempfile
from pathlib import Path

import hypothesis
import msgspec
import numpy as np

from grader.banks import codec, sources
from grader.content import catalog
from grader.model import Kata

MOST_FILES = 256
"""Kept; with more, the oldest go."""
_KEY_SIZE = 32
Drawn = dict[str, list[bytes]]


def home() -> Path:
    """The project's own folder among the user's caches."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shopkata"


def read(kata: Kata, seed: int) -> Drawn | None:
    """What was kept for a kata and seed; None if there is nothing that can be believed."""
    try:
        data = _file(kata, seed).read_bytes()
        told, body = data[: hashlib.sha256().digest_size], data[hashlib.sha256().digest_size :]
        if not hmac.compare_digest(told, _authentic(body, _identity(kata, seed))):
            return None
        return msgspec.msgpack.decode(body, type=Drawn)
    except (OSError, msgspec.DecodeError):
        return None


def write(kata: Kata, seed: int, drawn: Drawn) -> None:
    """Keep what was drawn; where nothing can be kept, it is drawn again next time."""
    body = msgspec.msgpack.encode(drawn)
    with contextlib.suppress(OSError):
        file = _file(kata, seed)
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as new:
            new.write(_authentic(body, _identity(kata, seed)) + body)
        Path(new.name).replace(file)
        _tidy(file.parent)


def _file(kata: Kata, seed: int) -> Path:
    # keyed, or whoever sees the names could try out which seeds were used
    return home() / "draws" / f"{hmac.digest(_key(), _identity(kata, seed), 'sha256').hex()[:32]}.draws"


def _identity(kata: Kata, seed: int) -> bytes:
    """All that decides what is drawn."""
    digest = hashlib.sha256()
    plugin = catalog.PACKAGE / "judge" / "pytest_plugin.py"
    files = [*sources.of_checks(kata), plugin, *sorted((catalog.PACKAGE / "banks").glob("*.py"))]
    for file in [*files, *sorted((catalog.PACKAGE / "datasets").glob("*.py"))]:
        digest.update(file.read_bytes())
    versions = (sys.version, hypothesis.__version__, np.__version__, codec.fingerprint())
    return f"{kata.id} {seed} {' '.join(versions)} {digest.hexdigest()}".encode()


def _authentic(body: bytes, identity: bytes) -> bytes:
    return hmac.digest(_key(), identity + b"\0" + body, "sha256")


def _key() -> bytes:
    """The user's own key, made when it is first needed. Raises OSError where there can be none that is secret."""
    file = home() / "key"
    file.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as new:
            new.write(secrets.token_bytes(_KEY_SIZE))
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as old:
        facts, key = os.fstat(descriptor), old.read(_KEY_SIZE)
    shared = not stat.S_ISREG(facts.st_mode) or facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    if shared or facts.st_uid != os.getuid() or len(key) != _KEY_SIZE:
        raise PermissionError(f"{file} is no secret of this user's")
    return key


def _tidy(folder: Path) -> None:
    files = sorted(folder.glob("*.draws"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[MOST_FILES:]:
        file.unlink(missing_ok=True)
