"""Each submission has its report, or a sentence that says why not."""

import contextlib
import os
from pathlib import Path

import pytest

from graded_command import Grading, reported, run
from grader.grading import command
from grader.grading.grade import Options
from grader.model import Report, Status, Submission, Unread, UsageError

pytestmark = pytest.mark.usefixtures("catalogue")


def test_reports_are_in_the_file_at_the_end_and_nothing_beside_it(room: Path) -> None:
    assert run("a", "b")[0] == {Status.PASSED}
    assert reported() == ["a", "b"]
    assert {path.name for path in room.glob("r*")} == {"r.jsonl"}


def test_a_report_is_on_disk_before_the_next_is_made(grading: Grading, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, real = [], grading._report

    def looked(*what: object) -> Report:
        seen.append(Path("r.jsonl.part").read_text().count("\n"))
        return real(*what)

    monkeypatch.setattr(grading, "_report", looked)
    run("a", "b", "c")
    assert seen == [0, 1, 2]


def test_what_cannot_be_read_stops_nobody_and_is_named_at_once() -> None:
    Path("marks.csv").write_text("1,2")
    Path("e").mkdir()
    statuses, said = run("a", "marks.csv", "nobody", "b", "e")
    assert statuses == {Status.PASSED, Status.UNREADABLE}
    assert reported() == ["a", "marks.csv", "nobody", "b", "e"]
    assert said.splitlines() == [
        "kata: 3 submissions can't be read:",
        "  'marks.csv' is no submission; hand in a .py file, a folder of them, or its .zip",
        "  'nobody' isn't there; check the path",
        "  'e' is empty; hand in files named after katas",
    ]


def test_the_sentence_has_the_whole_path() -> None:
    said = run("b", "a/item_cf.py")[1]
    assert "  a/item_cf.py: 'item_cf.py' isn't there; check the path" in said


def test_names_that_are_no_text_can_be_told() -> None:
    name = os.fsdecode(b"\xff[bold]\x1b[2J\n")
    assert run(name, "a")[0] == {Status.PASSED, Status.UNREADABLE}
    said = run(name, "a")[1]
    assert r"\udcff[bold]\x1b[2J\n" in said


def test_one_that_changes_while_others_are_graded(grading: Grading, monkeypatch: pytest.MonkeyPatch) -> None:
    real = grading._report

    def meanwhile(submission: Submission | Unread, options: Options) -> Report:
        with contextlib.suppress(FileNotFoundError):
            Path("b/user_cf.py").unlink()
            Path("b").rmdir()
            Path("c/user_cf.py").unlink()
            Path("c/user_cf.py").symlink_to("/etc/passwd")
        return real(submission, options)

    monkeypatch.setattr(grading, "_report", meanwhile)
    statuses, said = run("a", "b", "c", "d")
    assert statuses == {Status.PASSED, Status.UNREADABLE}
    assert "'b' isn't there" in said
    assert "'c': 'user_cf.py' is a symbolic link" in said
    assert reported() == ["a", "b", "c", "d"]


def test_an_unknown_kata_is_told_before_anything(room: Path) -> None:
    with pytest.raises(UsageError, match="did you mean"):
        run("a", katas=["user_fc"])
    assert not list(room.glob("r*"))


@pytest.mark.parametrize("again", ["a", "./a", "a/"])
def test_a_submission_is_named_once(again: str) -> None:
    with pytest.raises(UsageError, match="'a' is there twice"):
        run("a", "b", again)


def test_names_that_would_look_the_same_in_a_report_are_refused() -> None:
    with pytest.raises(UsageError, match="twice"):
        run(os.fsdecode(b"\xff"), r"\udcff")


def test_submissions_are_taken_as_they_are_needed(grading: Grading, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    real = command.reader.taken
    monkeypatch.setattr(command.reader, "taken", lambda path, katas: taken.append(str(path)) or real(path, katas))
    grading.stop_after = 1
    run(*"abcd")
    assert taken == ["a", "b"]
