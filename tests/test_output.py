"""A file of reports is never the worse for a run that fails, and a stream that takes nothing is no success."""

import errno
import io
import os
import stat
import sys
from pathlib import Path

import pytest

from grader.grading.output import PartFile, opened
from grader.model import GraderError, UsageError
from grader.reports import streams
from grader.reports.streams import Stream


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "reports.jsonl"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def full(*_: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


class TestPart:
    """What is written while a run goes on."""

    def test_every_text_is_on_disk_at_once(self, target: Path):
        part = PartFile(target)
        part.write("one\n")
        assert (target.with_name("reports.jsonl.part").read_text(), target.exists()) == ("one\n", False)
        part.close()

    def test_takes_the_files_place_at_the_end(self, target: Path):
        target.write_text("yesterday\n")
        target.chmod(0o640)
        part = PartFile(target)
        part.write("today\n")
        assert target.read_text() == "yesterday\n"
        part.finish()
        part.close()
        assert target.read_text() == "today\n"
        assert target.with_name("reports.jsonl~").read_text() == "yesterday\n"
        assert stat.S_IMODE(target.stat().st_mode) == 0o640
        assert names(target.parent) == {"reports.jsonl", "reports.jsonl~"}

    def test_only_the_last_version_is_kept(self, target: Path):
        for text in ("1\n", "2\n", "3\n"):
            part = PartFile(target)
            part.write(text)
            part.finish()
            part.close()
        assert target.with_name("reports.jsonl~").read_text() == "2\n"

    def test_what_is_in_the_new_one_is_not_kept_twice(self, target: Path):
        target.write_text("1\n2\n")
        part = PartFile(target)
        part.write("1\n2\n3\n")
        part.finish()
        part.close()
        assert names(target.parent) == {"reports.jsonl"}

    def test_an_empty_run_leaves_no_trace(self, target: Path):
        target.write_text("yesterday\n")
        part = PartFile(target)
        part.finish()
        part.close()
        assert names(target.parent) == {"reports.jsonl"}
        assert target.read_text() == "yesterday\n"

    def test_text_that_is_no_unicode(self, target: Path):
        part = PartFile(target)
        part.write("a\udcff\n")
        part.close()
        assert part.path.read_bytes() == b"a\\udcff\n"

    def test_half_a_line_is_dropped(self, target: Path):
        target.with_name("reports.jsonl.part").write_text("one\ntwo\nthr")
        part = PartFile(target)
        assert part.lines() == [b"one", b"two"]
        part.write("three\n")
        assert part.lines() == [b"one", b"two", b"three"]
        part.close()

    def test_its_lock_outlives_the_replacement_of_its_lines(self, target: Path):
        part = PartFile(target)
        part.write("one\ntwo\n")
        part.replace_lines([b"two"])
        part.write("three\n")
        assert part.path.read_text() == "two\nthree\n"
        with pytest.raises(UsageError, match="another run"):
            PartFile(target)
        part.close()
        assert names(target.parent) == {"reports.jsonl.part"}

    def test_two_runs_do_not_write_to_one_file(self, target: Path):
        first = PartFile(target)
        with pytest.raises(UsageError, match=r"another run is writing to reports\.jsonl; wait for it"):
            opened(target, [])
        first.close()
        opened(target, []).close()

    def test_a_run_that_was_waiting_takes_no_file_that_has_moved(self, target: Path, monkeypatch: pytest.MonkeyPatch):
        first, real = PartFile(target), os.open
        first.write("first\n")

        def overtaken(*how: object) -> int:
            file = real(*how)
            if target.with_name("reports.jsonl.part").exists() and not target.exists():
                first.finish()
                first.close()
            return file

        monkeypatch.setattr(os, "open", overtaken)
        second = PartFile(target)
        second.write("second\n")
        second.close()
        assert target.read_text() == "first\n"

    def test_a_full_disk_is_a_sentence_and_nothing_is_half_written(self, target: Path, monkeypatch: pytest.MonkeyPatch):
        part, real = PartFile(target), os.write
        part.write("one\n")
        room = [3]

        def little_room(file: int, data: memoryview) -> int:
            return real(file, data[: room.pop()]) if room else full()

        monkeypatch.setattr(os, "write", little_room)
        with pytest.raises(GraderError, match=r"No space left on device; what is done stands in .*\.part"):
            part.write("two and more\n")
        assert part.path.read_text() == "one\n"
        part.close()

    @pytest.mark.parametrize("call", ["fsync", "link", "fchmod"])
    def test_a_disk_that_fills_up_at_the_end(self, call: str, target: Path, monkeypatch: pytest.MonkeyPatch):
        target.write_text("yesterday\n")
        part = PartFile(target)
        part.write("today\n")
        monkeypatch.setattr(os, call, full)
        with pytest.raises(GraderError, match=r"No space left.*stand in .*\.part"):
            part.finish()
        part.close()
        assert (target.read_text(), part.path.read_text()) == ("yesterday\n", "today\n")

    def test_a_disk_that_is_full_from_the_start(self, target: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(os, "open", full)
        with pytest.raises(GraderError, match="No space left"):
            opened(target, [])

    def test_a_disk_without_second_names(self, target: Path, monkeypatch: pytest.MonkeyPatch):
        def no_links(*_: object) -> None:
            raise PermissionError(errno.EPERM, "Operation not permitted")

        target.write_text("yesterday\n")
        part = PartFile(target)
        part.write("today\n")
        monkeypatch.setattr(os, "link", no_links)
        part.finish()
        part.close()
        assert (target.read_text(), target.with_name("reports.jsonl~").read_text()) == ("today\n", "yesterday\n")


class TestWhereItMayBe:
    """What may be named by --output."""

    def test_a_submission_is_never_written_over(self, target: Path):
        target.write_text("code")
        for path in (target, target.parent / "." / target.name, target.parent / "x" / ".." / target.name):
            with pytest.raises(UsageError, match="is also one of the PATHs"):
                opened(target, [path])
        assert (names(target.parent), target.read_text()) == ({target.name}, "code")

    @pytest.mark.parametrize("ending", [".part", "~"])
    def test_nor_by_the_names_beside_it(self, ending: str, target: Path):
        beside = target.with_name(target.name + ending)
        beside.write_text("code")
        with pytest.raises(UsageError, match="is also one of the PATHs"):
            opened(target, [beside])

    def test_nor_by_another_name_of_it(self, target: Path):
        target.write_text("code")
        (target.parent / "hard").hardlink_to(target)
        (target.parent / "soft").symlink_to(target)
        for other in ("hard", "soft"):
            with pytest.raises(UsageError, match="is also one of the PATHs"):
                opened(target.parent / other, [target])

    def test_nor_does_it_lie_inside_one(self, target: Path):
        with pytest.raises(UsageError, match="lies inside"):
            opened(target, [target.parent])
        assert names(target.parent) == set()

    def test_a_path_that_leads_nowhere_is_no_reason_to_stop(self, target: Path):
        target.write_text("yesterday\n")
        loop = target.parent / "loop"
        loop.symlink_to(loop)
        nowhere = [loop, loop / "x", Path("a\0b"), Path("a\ud800b"), Path("a" * 300), target / "x"]
        part = opened(target, nowhere)
        part.write("today\n")
        part.finish()
        part.close()
        assert target.read_text() == "today\n"

    def test_a_link_is_followed_and_stays(self, target: Path):
        target.write_text("yesterday\n")
        link = target.parent / "link"
        link.symlink_to(target)
        part = opened(link, [])
        part.write("today\n")
        part.finish()
        part.close()
        assert (link.is_symlink(), target.read_text()) == (True, "today\n")

    def test_a_folder_is_refused(self, tmp_path: Path):
        with pytest.raises(UsageError, match="it is a folder"):
            opened(tmp_path, [])

    def test_no_folder_to_be_in(self, tmp_path: Path):
        with pytest.raises(UsageError, match=r"can't write to .*No such file"):
            opened(tmp_path / "no" / "such", [])

    def test_a_device_is_written_to_directly(self):
        stream = opened(Path(os.devnull), [])
        assert isinstance(stream, Stream)
        stream.write("gone\n")
        stream.file.close()


class TestStream:
    """What is somebody else's."""

    def test_a_full_device_is_a_sentence(self):
        stream = opened(Path("/dev/full"), [])
        with pytest.raises(GraderError, match="can't write to /dev/full: No space left on device"):
            stream.write("x")
        stream.file.close()

    def test_nobody_reads_any_more(self):
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "w") as file:
            with pytest.raises(BrokenPipeError):
                Stream(file, "standard output").write("x")
            file.write("not tried again")

    def test_no_standard_output_at_all(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(sys, "stdout", None)
        with pytest.raises(GraderError, match="standard output is closed"), streams.standard_output():
            pass

    @pytest.mark.parametrize("stderr", [None, "closed", "full"])
    def test_nothing_depends_on_standard_error(self, stderr: str | None, monkeypatch: pytest.MonkeyPatch):
        file = None
        if stderr == "closed":
            file = io.StringIO()
            file.close()
        elif stderr == "full":
            file = Path("/dev/full").open("w")  # noqa: SIM115  it stands for standard error
        monkeypatch.setattr(sys, "stderr", file)
        print("x" * 100_000, file=streams.standard_error(), flush=True)
        if file:
            file.close()
