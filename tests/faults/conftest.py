"""A judge that meets one fault after the other, and katas whose checks go wrong."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faulty import CHECKS, STUB
from grader.content.catalog import read_kata
from grader.grading.judge_process import Judge
from grader.model import Kata


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    judge = Judge()
    yield judge
    judge.close()


@pytest.fixture
def kata(tmp_path: Path) -> Callable[..., Kata]:
    """A kata whose checks go wrong in some way."""

    def kata(broken: str = "", here: str = "") -> Kata:
        file = tmp_path / "checks/machine/test_echo.py"
        file.parent.mkdir(parents=True)
        # braces of a dict in what is put in stay as they are
        file.write_text(CHECKS.replace("{here}", here or "pass").replace("{broken}", broken), encoding="utf-8")
        return read_kata(STUB, tmp_path / "checks")

    return kata
