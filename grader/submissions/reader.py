"""Reads what somebody handed in, a file, a folder or a zip, and finds in it the files that are meant for katas."""

import errno
import hashlib
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from grader.content import catalog
from grader.model import Source, Submission, Unread, UsageError
from grader.submissions import archive, naming
from grader.submissions.archive import Found
from grader.submissions.naming import Names
from grader.text import one_line, quoted

MOST_IGNORED = 20
"""Names told of what was ignored."""
_MOST_COPIES = 8
"""Files for one kata that are read to see whether they are the same."""
_ADVICE = {
    errno.ENOENT: "isn't there; check the path",
    errno.ENOTDIR: "isn't there; check the path",
    errno.EACCES: "can't be read: permission denied; make it readable",
    errno.EPERM: "can't be read: permission denied; make it readable",
    errno.ELOOP: "became a symbolic link while it was read; hand in the file itself",
}


class _Wanted(NamedTuple):
    """What a submission is searched for."""

    names: Names
    only: str
    """The kata that any file is for, if just one was asked for; else empty."""


class _Contents(NamedTuple):
    """What there is to judge."""

    sources: tuple[Source, ...]
    ignored: tuple[str, ...] = ()


def taken(path: Path, katas: Sequence[str] = ()) -> Submission | Unread:
    """Read a submission. Never raises for what is in it: one that can't be read must not stop the others."""
    try:
        return read(path, katas)
    except UsageError as error:
        return Unread(str(path), _called(path), str(error))
    except Exception as error:  # noqa: BLE001  whatever it is, the others are graded
        why = one_line(f"{type(error).__name__}: {error}")
        return Unread(str(path), _called(path), "", f"{quoted(_called(path))} couldn't be looked at: {why}")


def read(path: Path, katas: Sequence[str] = ()) -> Submission:
    """Read a submission, every file once; with names of katas, only what is meant for those.

    It is a `.py` named after a kata (any `.py`, if exactly one kata is named), a folder of such files, flat or in
    folders named after tracks, or a `.zip` of such folders. It may not be a symbolic link. Raises UsageError.
    """
    wanted = catalog.select(list(katas))
    names = Names(wanted, {kata.track for kata in catalog.katas()})
    called = _called(path)
    try:
        mode = path.lstat().st_mode
        found = _contents(path, mode, _Wanted(names, wanted[0].id if katas and len(wanted) == 1 else ""))
    except (OSError, ValueError) as error:  # a ValueError is a path that no disk could hold
        code = getattr(error, "errno", None)
        advice = _ADVICE.get(code or 0, f"can't be read: {getattr(error, 'strerror', '') or one_line(str(error))}")
        raise UsageError(f"{quoted(called)} {advice}") from None
    except UsageError as error:
        told = str(error)
        raise UsageError(told if told.startswith(quoted(called)) else f"{quoted(called)}: {told}") from None
    there = {source.kata for source in found.sources}
    return Submission(
        name=_whose(called, mode, found.sources),
        sha256=_sha256(found.sources),
        sources=found.sources,
        path=str(path),
        missing=tuple(kata.id for kata in wanted if katas and kata.id not in there),
        ignored=found.ignored,
    )


def _called(path: Path) -> str:
    """The last part of a path; "." and ".." are called as the folders that they stand for."""
    return path.name if path.name not in ("", "..") else path.resolve().name


def _whose(called: str, mode: int, sources: Sequence[Source]) -> str:
    """For people: a folder's name, or the part of a file's that isn't its kata's."""
    # A folder has no suffix: "Dr. Ada" is called so.
    if stat.S_ISDIR(mode):
        return one_line(called)
    stem = called.rpartition(".")[0]
    is_file = called.lower().endswith(".py")
    return one_line((naming.owner(called, sources[0].kata) if is_file else "") or stem)


def _contents(path: Path, mode: int, wanted: _Wanted) -> _Contents:
    called, kind = _called(path), path.suffix.lower()
    if stat.S_ISDIR(mode):
        files = archive.folder(path, {kata.track.lower() for kata in catalog.katas()})
        if not any(wanted.names.exact(file.name) or wanted.names.likely(file.name) for file in files):
            files = archive.nested(path)
        return _chosen(called, files, wanted)
    archive.refuse_special(called, mode)
    if kind == ".py":
        return _Contents((Source(_kata_of(called, wanted), archive.content(path), one_line(called)),))
    if kind == ".zip":
        return _chosen(called, archive.archive(path), wanted)
    if kind == naming.NOTEBOOK:
        raise UsageError(f"{quoted(called)} is a notebook; export it as .py and hand that in")
    raise UsageError(f"{quoted(called)} is no submission; hand in a .py file, a folder of them, or its .zip")


def _kata_of(called: str, wanted: _Wanted) -> str:
    names = wanted.names
    if kata := wanted.only or names.exact(called) or names.likely(called):
        return kata
    raise UsageError(f"{quoted(called)} isn't one of {names}; rename it, or name its kata by --kata")


def _chosen(called: str, everything: Iterable[Found], wanted: _Wanted) -> _Contents:
    """The file for each kata; a name that is only nearly right counts where one kata is asked for and no other fits."""
    files = [file for file in everything if not naming.left_behind(file.name)]
    meant: dict[str, list[Found]] = {}
    for file in files:
        if kata := wanted.names.exact(file.name):
            meant.setdefault(kata, []).append(file)
    if wanted.only and not meant:
        nearly = [file for file in files if wanted.names.likely(file.name) == wanted.only]
        meant = {wanted.only: nearly} if nearly else {}
    if not meant:
        raise UsageError(_nothing(called, files, wanted.names))
    sources = {kata: _agreed(kata, copies) for kata, copies in sorted(meant.items())}
    used = {source.name for source in sources.values()}
    copies = {file.name for each in meant.values() for file in each}
    alike = (file.name for file in files if file.name in copies or wanted.names.alike(file.name))
    return _Contents(tuple(sources.values()), _told(sorted({one_line(name) for name in alike} - used)))


def _agreed(kata: str, copies: Sequence[Found]) -> Source:
    """The least deep of a kata's files, if all are the same; which of two different ones counts isn't ours to say."""
    first, *others = sorted(copies, key=lambda file: (file.name.count("/"), file.name))
    if len(others) >= _MOST_COPIES:
        raise UsageError(f"{len(copies)} files are for {kata}, {quoted(first.name)} is one; keep one of them")
    code = first.read()
    for other in others:
        if other.read() != code:
            both = f"{quoted(first.name)} and {quoted(other.name)}"
            raise UsageError(f"{both} are both for {kata} and differ; keep one of them")
    return Source(kata, code, one_line(first.name))


def _nothing(called: str, files: Sequence[Found], names: Names) -> str:
    """Why nothing can be graded, and what to do."""
    none = f"{quoted(called)} holds no file named after a kata"
    for file in sorted(file.name for file in files):
        if file.lower().endswith(naming.NOTEBOOK):
            return f"{none}; {quoted(file)} is a notebook: export it as .py"
        if names.alike(file):
            return f"{none}; {quoted(file)} looks like one: rename it, or name its kata by --kata"
        if file.lower().endswith(".zip"):
            return f"{none}; hand in {quoted(file)} itself, or what is in it"
    if not files:
        return f"{quoted(called)} is empty; hand in files named after katas"
    return f"{none}; the names are {names}"


def _told(names: Sequence[str]) -> tuple[str, ...]:
    more = len(names) - MOST_IGNORED
    return (*names[:MOST_IGNORED], *((f"and {more:,} more",) if more > 0 else ()))


def _sha256(sources: Iterable[Source]) -> str:
    """Hash what will be judged and nothing around it, so that a folder and its zip have the same hash."""
    digest = hashlib.sha256()
    for source in sources:
        digest.update(f"{source.kata} {len(source.code)}\n".encode())
        digest.update(source.code)
    return digest.hexdigest()
