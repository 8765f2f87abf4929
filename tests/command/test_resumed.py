"""A run that is taken up again does what is left."""

from pathlib import Path

import pytest

from graded_command import OPTIONS, Grading, reported, run
from grader.grading.grade import Options
from grader.model import Status, UsageError

pytestmark = pytest.mark.usefixtures("catalogue")


class TestResume:
    """Going on."""

    def begun(self, grading: Grading, *paths: str, after: int = 2, options: Options = OPTIONS) -> None:
        """A run that was killed after so many reports."""
        grading.stop_after, grading.error = after, SystemExit(9)
        with pytest.raises(SystemExit):
            run(*paths, options=options)
        grading.stop_after, grading.judged = 1_000, []

    def test_after_a_kill_only_the_rest_is_judged(self, grading: Grading, room: Path):
        self.begun(grading, *"abcd")
        with Path("r.jsonl.part").open("a") as file:
            file.write('{"schema":"shopkata/rep')
        statuses, said = run(*"abcd", resume=True)
        assert grading.judged == ["c", "d"]
        assert reported() == ["a", "b", "c", "d"]
        assert statuses == {Status.PASSED}
        assert "2 of 4 were graded before" in said
        assert {path.name for path in room.glob("r*")} == {"r.jsonl"}

    def test_after_ctrl_c(self, grading: Grading):
        grading.stop_after = 3
        run(*"abcd")
        grading.stop_after, grading.judged = 1_000, []
        run(*"abcd", resume=True)
        assert grading.judged == ["d"]
        assert reported() == ["a", "b", "c", "d"]

    def test_killed_again_while_it_resumes(self, grading: Grading):
        self.begun(grading, *"abcd", after=1)
        grading.stop_after = 1
        with pytest.raises(SystemExit):
            run(*"abcd", resume=True)
        assert reported("r.jsonl.part") == ["a", "b"]
        grading.stop_after, grading.judged = 1_000, []
        run(*"abcd", resume=True)
        assert (grading.judged, reported()) == (["c", "d"], ["a", "b", "c", "d"])

    def test_killed_while_it_adds_to_a_file(self, grading: Grading):
        run("a", "b")
        grading.judged, grading.stop_after, grading.error = [], 1, SystemExit(9)
        with pytest.raises(SystemExit):
            run(*"abcd", resume=True)
        assert (reported(), reported("r.jsonl.part")) == (["a", "b"], ["a", "b", "c"])

    def test_with_nothing_left_to_do(self, grading: Grading):
        run("a", "b")
        before = Path("r.jsonl").read_bytes()
        grading.judged = []
        assert run("a", "b", resume=True)[0] == {Status.PASSED}
        assert (grading.judged, Path("r.jsonl").read_bytes()) == ([], before)

    def test_with_nothing_there_yet(self):
        run("a", resume=True)
        assert reported() == ["a"]

    def test_what_was_handed_in_anew_is_judged_anew_and_not_doubled(self, grading: Grading):
        run("a", "b")
        Path("a/user_cf.py").write_text("# better\n")
        grading.judged = []
        run("a", "b", "c", resume=True)
        assert grading.judged == ["a", "c"]
        assert reported() == ["b", "a", "c"]

    @pytest.mark.parametrize(
        "options",
        [
            Options("bare", seed=1),
            Options("sandlock"),
            Options("bare", certified=True),
            Options("bare", limit_scale=2.0),
        ],
    )
    def test_other_conditions_are_another_grade(self, options: Options, grading: Grading):
        run("a", "b")
        grading.judged = []
        run("a", "b", options=options, resume=True)
        assert grading.judged == ["a", "b"]
        assert reported() == ["a", "b"]

    def test_other_checks_are_another_grade(self, grading: Grading):
        run("a")
        grading.judged = []
        grading.hash = "2" * 64
        run("a", resume=True)
        assert grading.judged == ["a"]
        assert len(reported()) == 1

    def test_other_katas_are_another_grade(self, grading: Grading):
        run("a")
        grading.judged = []
        run("a", resume=True, katas=["user_cf", "bm25"])
        assert grading.judged == ["a"]

    def test_our_fault_is_tried_again(self, grading: Grading):
        grading.status = Status.ERROR
        run("a")
        grading.status, grading.judged = Status.PASSED, []
        assert run("a", "b", resume=True)[0] == {Status.PASSED}
        assert (grading.judged, reported()) == (["a", "b"], ["a", "b"])

    def test_what_could_not_be_read_is_tried_again(self):
        run("a", "e")
        Path("e").mkdir()
        Path("e/user_cf.py").write_text("")
        assert run("a", "e", resume=True)[0] == {Status.PASSED}
        assert reported() == ["a", "e"]

    def test_what_still_cannot_be_read_is_not_doubled(self):
        run("a", "e")
        assert run("a", "e", resume=True)[0] == {Status.PASSED, Status.UNREADABLE}
        assert reported() == ["a", "e"]

    def test_all_misspelt_loses_nothing(self, grading: Grading):
        Path("r.jsonl").write_text("yesterday\n")
        self.begun(grading, *"abcd")
        run("x", resume=True)
        assert reported() == ["a", "b", "x"]
        assert Path("r.jsonl~").read_text() == "yesterday\n"

    def test_yesterdays_file_outlives_a_run_that_is_stopped_and_goes_on(self, grading: Grading):
        Path("r.jsonl").write_text("yesterday\n")
        grading.stop_after = 2
        run(*"abcd")
        grading.stop_after = 1_000
        run(*"abcd", resume=True)
        assert reported() == ["a", "b", "c", "d"]
        assert Path("r.jsonl~").read_text() == "yesterday\n"

    def test_two_reports_of_one_path_become_the_later_one(self):
        run("a", "b")
        lines = Path("r.jsonl").read_text().splitlines(keepends=True)
        lines.append(lines[0].replace('"seconds":0.0', '"seconds":1.0'))
        Path("r.jsonl").write_text("".join(lines))
        run("a", "b", resume=True)
        assert Path("r.jsonl").read_text() == "".join(lines[1:])

    def test_others_reports_stay(self):
        run("a", "b")
        run("c", resume=True)
        assert reported() == ["a", "b", "c"]

    @pytest.mark.parametrize(
        "line",
        ["hello", "[1]", "{}", '{"schema":"shopkata/report/1","submission":"a","status":"passed"}', "[" * 100_000],
    )
    def test_what_is_no_report_is_left_alone(self, line: str, grading: Grading, room: Path):
        Path("r.jsonl").write_text(f"{line}\n")
        with pytest.raises(UsageError, match=r"line 1 of r\.jsonl is no report"):
            run("a", resume=True)
        assert Path("r.jsonl").read_text() == f"{line}\n"
        assert {path.name for path in room.glob("r*")} == {"r.jsonl"}
        assert grading.judged == []

    def test_reports_of_another_version_are_left_alone(self):
        run("a")
        old = Path("r.jsonl").read_text().replace("shopkata/report/3", "shopkata/report/2")
        Path("r.jsonl").write_text(old)
        with pytest.raises(UsageError, match=r"line 1 of r\.jsonl is no report that this version"):
            run("a", "b", resume=True)
        assert Path("r.jsonl").read_text() == old

    @pytest.mark.parametrize("order", [{"format": "terminal"}, {"output": None}])
    def test_needs_a_file_of_json(self, order: dict[str, object]):
        with pytest.raises(UsageError, match="--format json and --output"):
            run("a", resume=True, **order)
