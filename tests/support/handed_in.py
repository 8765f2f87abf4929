"""Made-up submissions, and what reading them comes to."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.model import UsageError
from grader.submissions.reader import read

CODE = b"def f(x):\n    return x\n"
FILES = {"user_cf.py": CODE, "search/bm25.py": b"def g(): pass\n", "README.md": b"hello"}


def folder(root: Path, files: dict[str, bytes], name: str = "ada") -> Path:
    for place, code in files.items():
        file = root / name / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(code)
    return root / name


def zipped(root: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, mode: int = 0) -> Path:
    path = root / "ada.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, code in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, code, method)
    return path


def changed(path: Path, change: Callable[[bytearray], None]) -> Path:
    """Change a file's bytes in place."""
    content = bytearray(path.read_bytes())
    change(content)
    path.write_bytes(content)
    return path


def in_directory(member: int, offset: int, value: int, size: int) -> Callable[[bytearray], None]:
    """Overwrite a number in the archive's own record of a member."""

    def change(content: bytearray) -> None:
        record = -1
        for _ in range(member + 1):
            record = content.index(b"PK\x01\x02", record + 1)
        content[record + offset : record + offset + size] = value.to_bytes(size, "little")

    return change


def refused(path: Path, *katas: str) -> str:
    """Why it is refused, in a sentence that can be printed anywhere."""
    with pytest.raises(UsageError) as caught:
        read(path, katas)
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 400
    return message


def taken(path: Path, *katas: str) -> dict[str, str]:
    return {source.kata: source.name for source in read(path, katas).sources}
