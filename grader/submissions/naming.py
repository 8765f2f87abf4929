"""Which kata a file is for, and whose it is, as far as its name tells."""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from grader.model import Kata

NOTEBOOK = ".ipynb"
_COPY = re.compile(r"[-_ .]*(copy)?[-_ ]*(\(?\d{1,3}\)?)?", re.IGNORECASE)
_ALIKE = (".py", ".pyw", ".txt", ".doc", ".docx")
"""Windows hides endings, so `user_cf.py` may be `user_cf.py.txt`."""
_EDGE = " -_.()"
_LEFT_BEHIND = ("__macosx", "__pycache__")
_FEW = 6


class Names:
    """The names under which some katas may be handed in. Capitals don't matter."""

    def __init__(self, wanted: Sequence[Kata], tracks: Iterable[str]) -> None:
        self._ids = {kata.name.lower(): kata.id for kata in wanted}
        self._tracks = {track.lower() for track in tracks}

    def exact(self, name: str) -> str | None:
        """The kata of `kata.py`, in any folder but another kata's track."""
        place = PurePosixPath(name.lower())
        kata = self._ids.get(place.stem) if place.suffix == ".py" else None
        if kata and place.parent.name in self._tracks - {kata.partition("/")[0].lower()}:
            return None
        return kata

    def likely(self, name: str) -> str | None:
        """The kata whose name stands in the file's: `zoe_123_user_cf-1.py`. None if several do."""
        place = PurePosixPath(name.lower())
        spans = {kata: _span(kata, place.stem) for kata in self._ids} if place.suffix == ".py" else {}
        there = {kata for kata, span in spans.items() if span}
        # cf stands in user_cf, but isn't what is meant
        longest = [kata for kata in there if not any(kata in other for other in there - {kata})]
        return self._ids[longest[0]] if len(longest) == 1 else None

    def alike(self, name: str) -> bool:
        """Whether a file may have been meant for one of the katas: notebooks, and names that are nearly right."""
        place = PurePosixPath(name.lower())
        bare = _squeezed(place.stem)
        return place.suffix == NOTEBOOK or (
            place.suffix in _ALIKE and any(_squeezed(kata) in bare for kata in self._ids)
        )

    def __str__(self) -> str:
        if len(self._ids) > _FEW:
            return "those that `kata list` shows, such as user_cf.py"
        return ", ".join(f"{kata}.py" for kata in self._ids)


def owner(name: str, kata: str) -> str:
    """What a file's name says besides its kata's: whose it is, where a course's website put that in. May be empty."""
    stem = PurePosixPath(name).stem
    span = _span(kata.rpartition("/")[2].lower(), stem.lower())
    if span is None:
        return ""
    before, after = stem[: span[0]].strip(_EDGE), stem[span[1] :]
    if before.lower() == "copy of":
        before = ""
    if _COPY.fullmatch(after):
        after = ""
    return before or after.strip(_EDGE)


def left_behind(name: str) -> bool:
    """Whether a system or an editor left it there: hidden files, and what archivers add."""
    parts = PurePosixPath(name).parts
    return any((part.startswith(".") and part != "..") or part.lower() in _LEFT_BEHIND for part in parts)


def _span(kata: str, stem: str) -> tuple[int, int] | None:
    found = re.search(rf"(?<![a-z0-9]){re.escape(kata)}(?![a-z0-9])", stem)
    return found.span() if found else None


def _squeezed(name: str) -> str:
    return re.sub(r"[\W_]", "", name)
