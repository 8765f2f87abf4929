"""Other formats begin, go on and end as their writers say."""

from pathlib import Path

import pytest

from graded_command import Grading, run
from grader.model import Report, Status, UsageError
from grader.reports import formats
from grader.reports.formats import Format
from grader.reports.writer import Conditions, PastReport, ReportWriter, ResumableWriter

pytestmark = pytest.mark.usefixtures("catalogue")


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
