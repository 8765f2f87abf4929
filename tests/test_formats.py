"""Report formats: each name has a writer, each writer keeps the contract, and a new one takes one line."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from grader.cli.grade import ReportFormat
from grader.model import Check, GraderError, Group, KataReport, Outcome, Reason, Report, Status, Verdict
from grader.reports import formats
from grader.reports.writer import ReportWriter, writing

HARMFUL = "\x1b[2J\x07\x00\r\u202e\ud800</failure>]]>\"'&\n"


class Texts:
    """A sink that keeps each text."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def write(self, text: str) -> None:
        self.texts.append(text)


class Framed(ReportWriter):
    """A format that begins and ends with a line of its own."""

    def open(self) -> None:
        self.sink.write("begin\n")

    def write(self, report: Report) -> None:
        self.sink.write(f"{report.submission} {report.status}\n")

    def close(self) -> None:
        self.sink.write("end\n")


@pytest.fixture(params=list(formats.FORMATS))
def writer(request: pytest.FixtureRequest) -> ReportWriter:
    return formats.writer_class(request.param)(Texts())


@pytest.fixture
def reports(passing: Report, failing: Report, faulty: Report, unreadable: Report, lacking: Report) -> list[Report]:
    return [passing, failing, faulty, unreadable, lacking]


def test_every_choice_of_the_command_has_a_writer_of_its_own() -> None:
    writers = [formats.writer_class(choice.value) for choice in ReportFormat]
    assert [choice.value for choice in ReportFormat] == list(formats.FORMATS)
    assert all(issubclass(writer, ReportWriter) for writer in writers)
    assert len(set(writers)) == len(writers)


def test_the_help_names_every_format() -> None:
    for name, each in formats.FORMATS.items():
        assert f"{name}: {each.description}" in formats.descriptions()


def test_files_of_json_can_be_resumed_and_pages_for_people_cannot() -> None:
    assert "json" in formats.resumable()
    assert "terminal" not in formats.resumable()


def test_each_report_is_one_text_of_whole_lines(writer: ReportWriter, reports: list[Report]) -> None:
    with writing(writer) as write:
        for number, report in enumerate(reports):
            before = len(writer.sink.texts)
            write(report)
            assert len(writer.sink.texts) - before == 1 or number == 0
    assert len(writer.sink.texts) >= len(reports)
    assert all(text.endswith("\n") for text in writer.sink.texts)


def test_every_report_says_whose_it_is(writer: ReportWriter, failing: Report) -> None:
    writer.write(msgspec.structs.replace(failing, submission="zoe_12345"))
    assert "zoe_12345" in "".join(writer.sink.texts)


def test_no_format_lets_a_learners_text_act(writer: ReportWriter) -> None:
    text = HARMFUL
    verdict = Verdict(
        "test_a", Outcome.FAILED, call=text, returned=text, expected=text, reason=Reason("check_says", {"text": text})
    )
    kata = KataReport("t/a", Status.FAILED, (Check("test_a", text, Group.EDGES, 3),), (verdict,))
    report = Report(text, "0" * 64, Status.FAILED, "bare", 0, "2026-01-31T08:05:09+00:00", 1.0, (kata,), name=text)
    with writing(writer) as write:
        write(report)
    written = "".join(writer.sink.texts)
    assert all(char.isprintable() or char == "\n" for char in written)
    written.encode()


def test_no_format_shows_what_is_for_staff(writer: ReportWriter, failing: Report) -> None:
    writer.write(failing)
    assert "hidden file" not in "".join(writer.sink.texts)


@pytest.mark.parametrize("name", formats.resumable())
def test_what_can_be_resumed_reads_its_own_lines(name: str, reports: list[Report]) -> None:
    writer = formats.writer_class(name)(Texts())
    for number, made in enumerate(reports):
        report = msgspec.structs.replace(made, seed=number, certified=number % 2 == 0, limit_scale=1.5 + number)
        writer.write(report)
        (line,) = writer.sink.texts[-1].encode().splitlines()
        past = writer.read(line)
        assert (past.submission, past.status) == (report.submission, report.status)
        conditions = past.conditions
        assert (conditions.sha256 or "", conditions.seed) == (report.sha256, report.seed)
        assert (conditions.isolation, conditions.certified) == (report.isolation, report.certified)
        assert (conditions.limit_scale, conditions.katas) == (report.limit_scale, report.hashes)
    damaged = (
        line[:-1],
        b"\xff",
        line.replace(b"Ada", b"\xff"),
        b'{"x":' + b"[" * 100_000,
    )
    assert [writer.read(each) for each in damaged] == [None] * len(damaged)


class TestWriting:
    """When a writer is opened and closed."""

    def run(self, reports: list[Report], error: BaseException | None = None) -> list[str]:
        sink = Texts()
        with suppress(KeyboardInterrupt, GraderError), writing(Framed(sink)) as write:
            for report in reports:
                write(report)
            if error:
                raise error
        return [text.rstrip() for text in sink.texts]

    def test_around_all_reports(self, passing: Report):
        assert self.run([passing, passing]) == ["begin", "ada passed", "ada passed", "end"]

    @pytest.mark.parametrize("error", [None, KeyboardInterrupt(), GraderError("no")])
    def test_not_without_a_report(self, error: BaseException | None):
        assert self.run([], error) == []

    def test_closed_on_ctrl_c(self, passing: Report):
        assert self.run([passing], KeyboardInterrupt()) == ["begin", "ada passed", "end"]

    def test_left_open_after_a_fault_so_that_nobody_takes_it_for_complete(self, passing: Report):
        assert self.run([passing], GraderError("no")) == ["begin", "ada passed"]


class TestNewFormat:
    """What a format needs apart from its module: one line of the table."""

    def kata(self, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        register = (
            "from grader.reports import formats; from grader import __main__;"
            f"formats.FORMATS['framed'] = formats.Format('{__name__.rpartition('.')[2]}:Framed', 'with a frame');"
            "__main__.main()"
        )
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "COLUMNS": "400"}
        command = [sys.executable, "-c", register, *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=cwd, env=environment, check=False, timeout=300
        )

    def test_the_command_offers_it(self, tmp_path: Path):
        shown = self.kata("grade", "--help", cwd=tmp_path).stdout
        assert "|framed" in shown
        assert "framed: with a frame" in shown

    @pytest.mark.parametrize("to_file", [False, True])
    def test_the_command_writes_it(self, to_file: bool, tmp_path: Path):
        output = ("--output", "r.txt") if to_file else ()
        done = self.kata("grade", "x", "y", "--format", "framed", *output, cwd=tmp_path)
        written = (tmp_path / "r.txt").read_text() if to_file else done.stdout
        assert written == "begin\nx unreadable\ny unreadable\nend\n"
        assert done.returncode == 2

    def test_it_is_no_format_of_lists(self, tmp_path: Path):
        done = self.kata("list", "--format", "framed", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")

    def test_it_is_resumed_only_if_it_can_be(self, tmp_path: Path):
        done = self.kata("grade", "x", "--format", "framed", "--output", "r", "--resume", cwd=tmp_path)
        assert done.returncode == 2
        assert "it needs --format json" in done.stderr
        assert "framed" not in done.stderr


def test_a_format_is_imported_only_when_it_is_chosen() -> None:
    code = (
        "import sys; from grader import cli; from grader.reports import formats;"
        "assert not {'rich', 'grader.reports.terminal', 'grader.reports.json_file'} & set(sys.modules);"
        "formats.writer_class('json'); assert 'grader.reports.terminal' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
