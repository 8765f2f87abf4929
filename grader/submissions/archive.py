"""Hostile files, folders and zips as names and bytes: bounded work, only plain files opened, none unpacked."""

import io
import os
import stat
import zipfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path, PureWindowsPath
from typing import NamedTuple

from grader.model import UsageError
from grader.text import one_line, quoted

LARGEST_SOURCE = 256 * 1024
LARGEST_ARCHIVE = 16 * 1024 * 1024
MOST_NAMES = 10_000
STEEPEST_RATIO = 200
"""Python source packs 3 to 10 times; only made-up content packs better than this."""

_DEEPEST = 4
"""Folders in folders that are looked into."""
_MEMBER_RECORD = b"PK\x01\x02"
_LOCAL_HEADER_SIZE = 30
_ENCRYPTED = 0x1
_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class Found(NamedTuple):
    """A name that was found, with `/` between its parts, and how to read what it stands for."""

    name: str
    read: Callable[[], bytes]


def content(path: Path, largest: int = LARGEST_SOURCE) -> bytes:
    """A regular file's content; no more is taken in than is allowed, and one byte to tell."""
    refuse_special(path.name, path.lstat().st_mode)
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        # Once more: what the name stands for may have changed since.
        refuse_special(path.name, os.fstat(descriptor).st_mode)
        read = file.read(largest + 1)
    _refuse_large(path.name, len(read), largest)
    return read


def folder(path: Path, below: Collection[str]) -> list[Found]:
    """What stands in a folder, and in those of its folders that are called one of `below` (in small letters)."""
    names = list(islice(_walk(path, below), MOST_NAMES + 1))
    _refuse_crowd(path.name, len(names))
    return [Found(name, partial(content, path / name)) for name in names]


def nested(path: Path) -> list[Found]:
    """What stands deeper in a folder's folders, but for hidden ones and environments; for whoever hands in a clone."""
    names = list(islice(_deeper(path, _DEEPEST), MOST_NAMES + 1))
    _refuse_crowd(path.name, len(names))
    return [Found(name, partial(content, path / name)) for name in names]


def archive(path: Path) -> list[Found]:
    """The members of a zip; nothing is unpacked before it is read, and then in memory."""
    packed = content(path, LARGEST_ARCHIVE)
    # Counted before zipfile makes an object of each: a member has one such record, whatever number the archive claims.
    _refuse_crowd(path.name, packed.count(_MEMBER_RECORD))
    with _damage_told(path.name):
        opened = zipfile.ZipFile(io.BytesIO(packed))
    members = [info for info in opened.infolist() if not _place(info).endswith("/")]
    _refuse_tricks(members)
    return [Found(_place(info), partial(_unpacked, opened, info)) for info in members]


def refuse_special(name: str, mode: int) -> None:
    """Refuse what isn't a regular file, unopened: a pipe would wait for ever, a link show another's file."""
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "a special file")
        raise UsageError(f"{quoted(name)} is {kind}; hand in the file itself")


def _walk(path: Path, below: Collection[str], under: str = "") -> Iterator[str]:
    """Names one at a time: there may be millions, and other folders of any depth."""
    with os.scandir(path) as entries:
        for entry in entries:
            yield under + entry.name
            if under or entry.name.lower() not in below:
                continue
            if entry.is_symlink():
                raise UsageError(f"{quoted(entry.name)} is a symbolic link; hand in the folder itself")
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(path / entry.name, below, f"{entry.name}/")


def _deeper(path: Path, depth: int, under: str = "") -> Iterator[str]:
    with os.scandir(path) as entries:
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                yield under + entry.name
            elif depth and not entry.name.startswith(".") and not Path(entry.path, "pyvenv.cfg").exists():
                yield from _deeper(path / entry.name, depth - 1, f"{under}{entry.name}/")


def _place(info: zipfile.ZipInfo) -> str:
    """A member's path; some archivers on Windows write backslashes."""
    return info.orig_filename.replace("\\", "/")


def _unpacked(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    name, mode = _place(info), info.external_attr >> 16
    # Archives that weren't made on Unix tell no kind of file.
    if stat.S_IFMT(mode):
        refuse_special(name, mode)
    if info.flag_bits & _ENCRYPTED:
        raise UsageError(f"{quoted(name)} is encrypted; zip the folder without a password")
    # zipfile bounds what inflate gives at a time, and nothing else: 4 kB of bzip2 can become gigabytes in one step.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UsageError(f"{quoted(name)} isn't packed by deflate; zip the folder again the usual way")
    _refuse_large(name, info.file_size, LARGEST_SOURCE)
    if info.file_size > STEEPEST_RATIO * info.compress_size:
        raise UsageError(f"{quoted(name)} unpacks to over {STEEPEST_RATIO} times its packed size; hand in plain code")
    with _damage_told(name), opened.open(info) as member:
        # Asked for all of it, zipfile would inflate to 2 GB before it looks at the size that the member claims.
        code = member.read(LARGEST_SOURCE)
        if len(code) < info.file_size:
            raise zipfile.BadZipFile("shorter than it says")
    return code


def _refuse_tricks(members: list[zipfile.ZipInfo]) -> None:
    """No member may claim a place outside the archive, or share its bytes with another."""
    end = 0
    for info in sorted(members, key=lambda info: info.header_offset):
        name = _place(info)
        place = PureWindowsPath(name)
        if place.anchor or ".." in place.parts or "\0" in name:
            raise UsageError(f"{quoted(name)} isn't a plain path inside the archive; zip the folder again")
        if info.header_offset < end:
            raise UsageError(f"{quoted(name)} overlaps another member of the archive; zip the folder again")
        end = info.header_offset + _LOCAL_HEADER_SIZE + info.compress_size


def _refuse_large(name: str, size: int, largest: int) -> None:
    if size > largest:
        raise UsageError(f"{quoted(name)} is over {largest // 1024:,} kB; hand in code only, without data")


def _refuse_crowd(name: str, count: int) -> None:
    if count > MOST_NAMES:
        raise UsageError(f"{quoted(name)} holds over {MOST_NAMES:,} files; hand in only those named after katas")


@contextmanager
def _damage_told(name: str) -> Iterator[None]:
    """Whatever zipfile stumbles over is damage."""
    try:
        yield
    except UsageError:
        raise
    except Exception as error:  # noqa: BLE001  the archive is hostile, and zipfile has no one error for it
        raise UsageError(f"{quoted(name)} is no zip, or a damaged one ({one_line(str(error))}); zip it again") from None
