"""Files of the user's own: taken for strangers', and so capped before they are read."""

import gzip
import io
import zlib
from pathlib import Path
from typing import IO

from grader.model import UsageError


def read_capped(path: Path, most: int) -> bytes:
    """All of a file. Raises UsageError if it isn't one, can't be read, or has more than so many bytes."""
    try:
        # Opening a pipe would wait for somebody to write to it.
        if not path.is_file():
            raise UsageError(f"{path.parent} has no file {path.name}")
        with path.open("rb") as file:
            return _at_most(file, most, path.name)
    except OSError as error:
        raise UsageError(f"{path.name} can't be read: {error.strerror}") from None


def unzipped_capped(path: Path, most: int) -> bytes:
    """What a gzip file holds. Raises UsageError if it is none or damaged, or holds more than so many bytes."""
    # What can't be compressed grows a little.
    zipped = read_capped(path, most + most // 100 + 1024)
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(zipped)) as file:
            return _at_most(file, most, path.name)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UsageError(f"{path.name} isn't a whole gzip file: {error}") from None


def _at_most(file: IO[bytes] | gzip.GzipFile, most: int, name: str) -> bytes:
    content = file.read(most + 1)
    if len(content) > most:
        raise UsageError(f"{name} is larger than it can be: more than {most:,} bytes")
    return content
