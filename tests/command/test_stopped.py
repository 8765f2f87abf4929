"""A run that is stopped keeps what is done."""

from pathlib import Path

import pytest

from graded_command import Grading, reported, run
from grader.model import GraderError, Status, UsageError

pytestmark = pytest.mark.usefixtures("catalogue")


class TestStopped:
    """A run that doesn't come to its end."""

    def test_by_ctrl_c_what_is_done_is_in_the_file(self, grading: Grading, room: Path):
        grading.stop_after = 2
        statuses, said = run("a", "b", "c")
        assert statuses == {"stopped"}
        assert "2 of 3 submissions are graded" in said
        assert reported() == ["a", "b"]
        assert {path.name for path in room.glob("r*")} == {"r.jsonl"}

    def test_by_ctrl_c_before_anything_is_done(self, grading: Grading, room: Path):
        Path("r.jsonl").write_text("yesterday\n")
        grading.stop_after = 0
        run("a", "b")
        assert Path("r.jsonl").read_text() == "yesterday\n"
        assert {path.name for path in room.glob("r*")} == {"r.jsonl"}

    def test_what_the_file_was_before_is_kept(self, grading: Grading):
        Path("r.jsonl").write_text("yesterday\n")
        grading.stop_after = 1
        run("a", "b")
        assert reported() == ["a"]
        assert Path("r.jsonl~").read_text() == "yesterday\n"

    def test_by_a_fault_leaves_the_file_and_the_part(self, grading: Grading):
        Path("r.jsonl").write_text("yesterday\n")
        grading.stop_after, grading.error = 1, GraderError("no")
        with pytest.raises(GraderError):
            run("a", "b")
        assert Path("r.jsonl").read_text() == "yesterday\n"
        assert reported("r.jsonl.part") == ["a"]

    def test_what_was_cut_short_is_not_written_over(self, grading: Grading):
        Path("r.jsonl.part").write_text("{}\n")
        with pytest.raises(UsageError, match=r"r\.jsonl\.part holds 1 lines .*--resume"):
            run("a")
        assert Path("r.jsonl.part").read_text() == "{}\n"
        assert grading.judged == []

    def test_an_empty_part_is_nothing(self):
        Path("r.jsonl.part").write_text('{"half')
        assert run("a")[0] == {Status.PASSED}
        assert reported() == ["a"]

    def test_a_file_survives_a_run_in_which_every_path_is_misspelt(self, room: Path):
        Path("r.jsonl").write_text("yesterday\n")
        statuses, said = run("x", "y")
        assert statuses == {Status.UNREADABLE}
        assert "r.jsonl is left as it was" in said
        assert {path.name for path in room.glob("r*")} == {"r.jsonl"}
        assert Path("r.jsonl").read_text() == "yesterday\n"

    def test_where_there_is_no_file_that_is_written_all_the_same(self):
        run("x")
        assert reported() == ["x"]

    def test_a_second_run_over_everything_in_the_folder_is_refused(self):
        run("a", "b")
        with pytest.raises(UsageError, match="is also one of the PATHs"):
            run(*sorted(path.name for path in Path().iterdir()))
        assert reported() == ["a", "b"]
