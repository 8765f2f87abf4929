"""Reads what somebody handed in, a file, a folder or a zip, and finds in it the files that are named after katas."""

import hashlib
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grader import catalog, intake
from grader.harmless import one_line, quoted
from grader.intake import Found
from grader.model import Source, Submission, UsageError

Places = Mapping[str, str]
"""What a kata's file may be called, in small letters: `kata.py` and `track/kata.py`; and the kata's id."""


def read(path: Path, katas: Sequence[str] = ()) -> Submission:
    """Read a submission; with names of katas, only what is meant for those.

    It is a `.py` named after a kata (any `.py`, if exactly one kata is named), a folder of such files, flat or in
    folders named after tracks, or a `.zip` of such a folder. It may not be a symbolic link. Raises UsageError.
    """
    path = path.absolute()  # "." has no name
    wanted = catalog.select(list(katas))
    places = {place.lower(): kata.id for kata in wanted for place in (f"{kata.name}.py", f"{kata.id}.py")}
    only = wanted[0].id if katas and len(wanted) == 1 else ""
    try:
        chosen = _chosen(path, places, only)
        sources = tuple(Source(kata, file.read(), one_line(file.name)) for kata, file in sorted(chosen.items()))
        whole = path.resolve()
        # A folder has no suffix: "Dr. Ada" is called so.
        name = whole.name if whole.is_dir() else whole.stem
    except OSError as error:
        raise UsageError(f"{quoted(path.name)} can't be read: {error.strerror or error}") from None
    return Submission(name=one_line(name), sha256=_sha256(sources), sources=sources)


def _chosen(path: Path, places: Places, only: str) -> dict[str, Found]:
    """The file for each kata."""
    mode = path.lstat().st_mode
    if stat.S_ISDIR(mode):
        tracks = {kata.partition("/")[0].lower() for kata in places.values()}
        found = _one_each(_matched(intake.folder(path, tracks), places))
    else:
        intake.refuse_special(path.name, mode)
        if path.suffix.lower() == ".py":
            return {_kata_of(path, places, only): Found(path.name, lambda: intake.content(path))}
        if path.suffix.lower() != ".zip":
            raise UsageError(f"{quoted(path.name)} is no submission; hand in a .py file, a folder of them, or its .zip")
        found = _one_each(_unwrapped(intake.archive(path), places))
    if not found:
        raise UsageError(f"{quoted(path.name)} holds no file named after a kata; the names are {_names(places)}")
    return found


def _kata_of(path: Path, places: Places, only: str) -> str:
    if kata := only or places.get(path.name.lower()):
        return kata
    raise UsageError(f"{quoted(path.name)} isn't one of {_names(places)}; rename it, or name its kata by --kata")


def _matched(files: Iterable[Found], places: Places) -> list[tuple[str, Found]]:
    return [(kata, file) for file in files if (kata := places.get(file.name.lower()))]


def _unwrapped(files: Sequence[Found], places: Places) -> list[tuple[str, Found]]:
    """Match the names as they are or, if none matches so, inside the one folder that wraps them."""
    if plain := _matched(files, places):
        return plain
    wrapped = [(kata, file) for file in files if (kata := places.get(file.name.lower().partition("/")[2]))]
    tops = sorted({file.name.partition("/")[0] for _, file in wrapped})
    if len(tops) > 1:
        raise UsageError(f"the archive has katas in {quoted(tops[0])} and in {quoted(tops[1])}; zip one folder")
    return wrapped


def _one_each(found: Iterable[tuple[str, Found]]) -> dict[str, Found]:
    chosen: dict[str, Found] = {}
    for kata, file in found:
        if other := chosen.get(kata):
            raise UsageError(f"{quoted(other.name)} and {quoted(file.name)} are both for {kata}; keep one of them")
        chosen[kata] = file
    return chosen


def _sha256(sources: Iterable[Source]) -> str:
    """Hash what will be judged and nothing around it, so that a folder and its zip have the same hash."""
    digest = hashlib.sha256()
    for source in sources:
        digest.update(f"{source.kata} {len(source.code)}\n".encode())
        digest.update(source.code)
    return digest.hexdigest()


def _names(places: Places) -> str:
    return ", ".join(place for place in places if "/" not in place)
