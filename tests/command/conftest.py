"""Every test grades in a folder of its own, by a grader that is made up."""

from pathlib import Path

import pytest

from graded_command import Grading
from grader.grading import grade


@pytest.fixture(autouse=True)
def grading(monkeypatch: pytest.MonkeyPatch) -> Grading:
    grading = Grading()
    monkeypatch.setattr(grade, "grade", grading.grade)
    monkeypatch.setattr("grader.grading.resume.hash_of", lambda _: grading.hash)
    return grading


@pytest.fixture(autouse=True)
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a class of four in it; the current one."""
    for who in "abcd":
        (tmp_path / who).mkdir()
        (tmp_path / who / "user_cf.py").write_text(f"# {who}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path
