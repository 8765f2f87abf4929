"""A class is graded: what is written and when, what stays of a run that is stopped, what --resume takes up."""

import contextlib
import io
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from grader.grading import command, grade
from grader.grading.command import Order, grade_paths
from grader.grading.grade import Options
from grader.model import (
    Check,
    GraderError,
    Group,
    KataReport,
    Report,
    Status,
    Submission,
    Unread,
    UsageError,
)
from grader.reports import formats
from grader.reports.formats import Format
from grader.reports.writer import Conditions, PastReport, ReportWriter, ResumableWriter

pytestmark = pytest.mark.usefixtures("catalogue")
PLAN = (Check("test_a", "It adds.", Group.EDGES, 3),)
OPTIONS = Options("bare")


class Grading:
    """Stands in for the main path; what it is given, it reports on."""

    def __init__(self) -> None:
        self.judged: list[str] = []
        self.stop_after = 1_000
        self.error: BaseException = KeyboardInterrupt()
        self.status = Status.PASSED
        self.hash = "1" * 64

    def grade(self, submissions: Iterable[Submission | Unread], options: Options, *_: object) -> Iterator[Report]:
        for submission in submissions:
            if len(self.judged) == self.stop_after:
                raise self.error
            self.judged.append(submission.path)
            yield self._report(submission, options)

    def _report(self, submission: Submission | Unread, options: Options) -> Report:
        unread = isinstance(submission, Unread)
        katas = () if unread else (KataReport(submission.sources[0].kata, self.status, PLAN, fault="x"),)
        status = Status.UNREADABLE if unread else self.status
        return Report(
            submission.path,
            "" if unread else submission.sha256,
            status,
            options.isolation,
            options.seed,
            "2026-01-31T08:05:09+00:00",
            0.0,
            katas,
            name=submission.name,
            reason=submission.reason if unread else "",
            certified=options.certified,
            limit_scale=options.limit_scale,
            hashes={kata.kata: self.hash for kata in katas},
        )


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


def run(*paths: str, options: Options = OPTIONS, **order: object) -> tuple[set[Status], str]:
    """What came of it, and what was said."""
    said = io.StringIO()
    order = {"format": "json", "output": Path("r.jsonl"), **order}
    err = Console(file=said, width=40, force_terminal=False, _environ={})
    try:
        statuses = grade_paths(Order([Path(path) for path in paths], **order), options, err)
    except KeyboardInterrupt:
        statuses = {"stopped"}
    return statuses, said.getvalue()


def reported(name: str = "r.jsonl") -> list[str]:
    return [json.loads(line)["submission"] for line in Path(name).read_text().splitlines()]


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


class Framed(ReportWriter):
    """A format that begins and ends with a line of its own, and can't be resumed."""

    def open(self) -> None:
        self.sink.write("begin\n")

    def write(self, report: Report) -> None:
        self.sink.write(f"{report.submission}\n")

    def close(self) -> None:
        self.sink.write("end\n")


class Lines(ResumableWriter):
    """Another format than JSON of which a file can be resumed."""

    def write(self, report: Report) -> None:
        self.sink.write(f"{report.submission} {report.sha256}\n")

    @staticmethod
    def read(line: bytes) -> PastReport | None:
        path, _, sha256 = line.decode().partition(" ")
        katas = {"recommendation/user_cf": "1" * 64}
        return PastReport(path, Status.PASSED, Conditions(sha256, 0, "bare", False, 1.0, katas))


class TestOtherFormats:
    """What holds for each format, whatever it looks like."""

    @pytest.fixture(autouse=True)
    def registered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        more = {name.lower(): Format(f"{__name__}:{name}", "") for name in ("Framed", "Lines")}
        monkeypatch.setattr(formats, "FORMATS", {**formats.FORMATS, **more})

    def test_what_frames_the_reports_is_written_once(self):
        run("a", "b", format="framed", output=Path("r.txt"))
        assert Path("r.txt").read_text() == "begin\na\nb\nend\n"

    def test_it_is_whole_after_ctrl_c(self, grading: Grading):
        grading.stop_after = 1
        run("a", "b", format="framed", output=Path("r.txt"))
        assert Path("r.txt").read_text() == "begin\na\nend\n"

    @pytest.mark.parametrize("misspelt", [False, True])
    def test_nothing_graded_leaves_the_file_as_it_was(self, misspelt: bool, grading: Grading, room: Path):
        Path("r.txt").write_text("yesterday\n")
        grading.stop_after = 1 if misspelt else 0
        run("x" if misspelt else "a", format="framed", output=Path("r.txt"))
        assert Path("r.txt").read_text() == "yesterday\n"
        assert {path.name for path in room.glob("r*")} == {"r.txt"}

    def test_what_was_cut_short_can_only_be_moved_away(self):
        Path("r.txt.part").write_text("begin\na\n")
        with pytest.raises(UsageError, match=r"r\.txt\.part holds 2 lines of a run that was cut short; move it away"):
            run("a", format="framed", output=Path("r.txt"))

    def test_resume_is_refused_where_the_format_cannot(self):
        with pytest.raises(UsageError, match="it needs --format json or --format lines and --output"):
            run("a", format="framed", resume=True)

    def test_resume_goes_on_where_the_format_can(self, grading: Grading):
        run("a", "b", format="lines")
        Path("b/user_cf.py").write_text("# better\n")
        grading.judged = []
        run("a", "b", "c", format="lines", resume=True)
        assert grading.judged == ["b", "c"]
        assert [line.split()[0] for line in Path("r.jsonl").read_text().splitlines()] == ["a", "b", "c"]


def test_a_page_for_people_can_go_to_a_file_too() -> None:
    run("a", "nobody", format="terminal", output=Path("r.txt"))
    text = Path("r.txt").read_text()
    assert "a: passed, 0 of 3 points" in text
    assert "'nobody' isn't there; check the path." in text


def test_submissions_are_taken_as_they_are_needed(grading: Grading, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    real = command.reader.taken
    monkeypatch.setattr(command.reader, "taken", lambda path, katas: taken.append(str(path)) or real(path, katas))
    grading.stop_after = 1
    run(*"abcd")
    assert taken == ["a", "b"]
