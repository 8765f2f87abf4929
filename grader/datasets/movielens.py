"""MovieLens 100K, which can't be shipped, from the user's own copy of its files.

Whatever isn't as GroupLens published it is refused with a sentence that says which file, and where in it.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grader.datasets.own import read_capped
from grader.model import UsageError

if TYPE_CHECKING:
    import pandas as pd

GENRES = tuple(
    "unknown Action Adventure Animation Children's Comedy Crime Documentary Drama Fantasy Film-Noir Horror Musical "
    "Mystery Romance Sci-Fi Thriller War Western".split()
)
_LATEST = 2**31 - 1
"""A time that every rating was given before."""
_LINE = 400
"""Bytes that a line has at most, on average."""


class MovieLensSize(NamedTuple):
    """How many there must be of each."""

    users: int = 943
    items: int = 1_682
    ratings: int = 100_000


PUBLISHED = MovieLensSize()


@dataclass(frozen=True, eq=False)
class MovieLens:
    """Three frames."""

    ratings: "pd.DataFrame"
    """user_id and item_id (from 1), rating (1 to 5), timestamp (seconds since 1970), in the order of u.data."""
    items: "pd.DataFrame"
    """item_id, title, released (text, may be empty), and 0 or 1 for each of GENRES."""
    users: "pd.DataFrame"
    """user_id, age (years), gender (M or F), occupation, zip_code (text)."""


def movielens_100k(folder: Path, size: MovieLensSize = PUBLISHED) -> MovieLens:
    """What u.data, u.item and u.user of this folder hold, in new frames. Raises UsageError for what isn't MovieLens."""
    stored = _stored(folder.absolute(), size)
    return MovieLens(stored.ratings.copy(), stored.items.copy(), stored.users.copy())


@lru_cache(maxsize=2)
def _stored(folder: Path, size: MovieLensSize) -> MovieLens:
    return MovieLens(
        _ratings(folder / "u.data", size), _items(folder / "u.item", size), _users(folder / "u.user", size)
    )


def _ratings(path: Path, size: MovieLensSize) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415  slow to import

    bounds = {"user_id": (1, size.users), "item_id": (1, size.items), "rating": (1, 5), "timestamp": (0, _LATEST)}
    rows = _rows(path, "\t", len(bounds), size.ratings)
    columns = zip(bounds, zip(*rows, strict=True), bounds.values(), strict=True)
    ratings = pd.DataFrame({name: _whole(path, name, cells, *within) for name, cells, within in columns})
    twice = ratings.duplicated(["user_id", "item_id"])
    if twice.any():
        raise UsageError(f"{path.name}, line {int(twice.argmax()) + 1}: this user has rated this item before")
    return ratings


def _items(path: Path, size: MovieLensSize) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415

    ids, titles, released, _, _, *flags = zip(*_rows(path, "|", 5 + len(GENRES), size.items), strict=True)
    genres = {name: _whole(path, name, cells, 0, 1) for name, cells in zip(GENRES, flags, strict=True)}
    return pd.DataFrame({"item_id": _counted(path, "item_id", ids), "title": titles, "released": released, **genres})


def _users(path: Path, size: MovieLensSize) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415

    ids, ages, genders, occupations, zips = zip(*_rows(path, "|", 5, size.users), strict=True)
    for line, gender in enumerate(genders, start=1):
        if gender not in ("M", "F"):
            raise UsageError(f"{path.name}, line {line}: gender must be M or F, not {gender[:20]!r}")
    known = {"user_id": _counted(path, "user_id", ids), "age": _whole(path, "age", ages, 1, 120)}
    return pd.DataFrame({**known, "gender": genders, "occupation": occupations, "zip_code": zips})


def _rows(path: Path, separator: str, fields: int, lines: int) -> list[list[str]]:
    """The fields of each line. Raises UsageError unless there are as many lines, and fields in each, as must be."""
    text = read_capped(path, _LINE * lines).decode("latin-1").replace("\r\n", "\n")
    rows = [line.split(separator) for line in text.removesuffix("\n").split("\n")]
    if len(rows) != lines:
        raise UsageError(
            f"{path.name} must have {lines:,} lines, not {len(rows):,}: is it whole, and of MovieLens 100K?"
        )
    for number, row in enumerate(rows, start=1):
        if len(row) != fields:
            raise UsageError(f"{path.name}, line {number}: {fields} fields must be there, not {len(row)}")
    return rows


def _whole(path: Path, name: str, cells: tuple[str, ...], low: int, high: int) -> list[int]:
    """The cells as integers. Raises UsageError for one that isn't such, or out of bounds."""
    for line, cell in enumerate(cells, start=1):
        # No integer of ours has more digits; parsing a million of them would take long.
        if not (cell.isascii() and cell.isdecimal() and len(cell) <= len(str(_LATEST)) and low <= int(cell) <= high):
            raise UsageError(f"{path.name}, line {line}: {name} must be {low} to {high}, not {cell[:20]!r}")
    return list(map(int, cells))


def _counted(path: Path, name: str, cells: tuple[str, ...]) -> list[int]:
    """The cells as integers, which must count from 1."""
    numbers = _whole(path, name, cells, 1, len(cells))
    for line, number in enumerate(numbers, start=1):
        if number != line:
            raise UsageError(f"{path.name}, line {line}: {name} must be {line}, not {number}")
    return numbers
