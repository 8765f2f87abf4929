"""What a single file may be, and why another is refused."""

import errno
import os
from pathlib import Path

import pytest

from grader.model import Source
from grader.submissions.reader import read
from handed_in import CODE, FILES, folder, refused, taken

pytestmark = pytest.mark.usefixtures("catalogue")


class TestFile:
    """A single file."""

    def test_named_after_a_kata(self, tmp_path: Path):
        submission = read(folder(tmp_path, {"user_cf.py": CODE}) / "user_cf.py")
        assert submission.name == "user_cf"
        assert submission.sources == (Source("recommendation/user_cf", CODE, "user_cf.py"),)

    @pytest.mark.parametrize("name", ["solution.py", "item_cf.py", "SOLUTION.PY"])
    def test_named_anything_with_one_kata_told(self, name: str, tmp_path: Path):
        path = folder(tmp_path, {name: CODE}) / name
        assert taken(path, "user_cf") == taken(path, "recommendation/user_cf") == {"recommendation/user_cf": name}

    def test_named_anything_needs_a_kata(self, tmp_path: Path):
        message = refused(folder(tmp_path, {"solution.py": CODE}) / "solution.py")
        assert "'solution.py' isn't one of item_cf.py, user_cf.py, bm25.py; rename it" in message
        assert "--kata" in message

    def test_named_anything_needs_only_one_kata(self, tmp_path: Path):
        path = folder(tmp_path, {"solution.py": CODE, "bm25.py": CODE})
        assert "--kata" in refused(path / "solution.py", "user_cf", "bm25")
        assert taken(path / "bm25.py", "user_cf", "bm25") == {"search/bm25": "bm25.py"}

    def test_unknown_kata(self, tmp_path: Path):
        assert "did you mean recommendation/user_cf" in refused(tmp_path, "user_fc")

    def test_of_another_kind(self, tmp_path: Path):
        assert "hand in a .py file" in refused(folder(tmp_path, {"marks.csv": b"1,2"}) / "marks.csv")

    def test_notebook(self, tmp_path: Path):
        message = refused(folder(tmp_path, {"user_cf.ipynb": b"{}"}) / "user_cf.ipynb")
        assert message == "'user_cf.ipynb' is a notebook; export it as .py and hand that in"

    @pytest.mark.parametrize(
        ("name", "whose"),
        [
            ("zoe_12345_678_user_cf.py", "zoe_12345_678"),
            ("zoe_12345_678_user_cf-1.py", "zoe_12345_678"),
            ("Wei Li_991_assignsubmission_file_User_CF (2).py", "Wei Li_991_assignsubmission_file"),
            ("user_cf-1.py", "user_cf-1"),
            ("user_cf (1).py", "user_cf (1)"),
            ("user_cf - Copy.py", "user_cf - Copy"),
            ("Copy of user_cf.py", "Copy of user_cf"),
            ("user_cf_late_bo.py", "late_bo"),
        ],
    )
    def test_named_by_a_course_website_or_a_browser(self, name: str, whose: str, tmp_path: Path):
        submission = read(folder(tmp_path, {name: CODE}) / name)
        assert (submission.name, submission.sources[0].kata) == (whose, "recommendation/user_cf")

    @pytest.mark.parametrize("name", ["user_cf_and_bm25.py", "zoeuser_cf.py", "user_cfs.py", "bm255.py", "zoe_user.py"])
    def test_name_that_holds_no_kata_or_several(self, name: str, tmp_path: Path):
        assert "--kata" in refused(folder(tmp_path, {name: CODE}) / name)

    def test_that_is_not_there(self, tmp_path: Path):
        assert refused(tmp_path / "user_cf.py") == "'user_cf.py' isn't there; check the path"
        assert refused(folder(tmp_path, FILES) / "user_cf.py" / "bm25.py") == "'bm25.py' isn't there; check the path"

    def test_that_may_not_be_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        path = folder(tmp_path, {"user_cf.py": CODE}) / "user_cf.py"

        def forbid(*_: object) -> int:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(os, "open", forbid)
        assert refused(path) == "'user_cf.py' can't be read: permission denied; make it readable"

    def test_that_is_gone_when_it_is_opened(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        path = folder(tmp_path, {"user_cf.py": CODE}) / "user_cf.py"
        seen = path.lstat()
        path.unlink()
        monkeypatch.setattr(Path, "lstat", lambda _: seen)
        assert refused(path) == "'user_cf.py' isn't there; check the path"

    def test_path_that_no_disk_could_hold(self):
        assert "can't be read" in refused(Path("a\0b.py"))
        assert "can't be read" in refused(Path("a\ud800b.py"))

    def test_with_a_name_that_no_disk_takes(self, tmp_path: Path):
        assert "can't be read: File name too long" in refused(tmp_path / f"{'a' * 300}.py")

    def test_as_large_as_allowed(self, tmp_path: Path):
        path = folder(tmp_path, {"user_cf.py": b"#" * 256 * 1024}) / "user_cf.py"
        assert len(read(path).sources[0].code) == 256 * 1024

    def test_too_large(self, tmp_path: Path):
        path = folder(tmp_path, {"user_cf.py": b"#" * (256 * 1024 + 1)}) / "user_cf.py"
        assert refused(path).startswith("'user_cf.py' is over 256 kB")

    def test_too_large_by_far(self, tmp_path: Path):
        path = folder(tmp_path, {"user_cf.py": b""}) / "user_cf.py"
        os.truncate(path, 2**40)
        assert "over 256 kB" in refused(path)

    def test_bytes_that_are_no_text(self, tmp_path: Path):
        path = folder(tmp_path, {"user_cf.py": b"\xff\0\x1b"}) / "user_cf.py"
        assert read(path).sources[0].code == b"\xff\0\x1b"

    def test_link(self, tmp_path: Path):
        path = folder(tmp_path, FILES)
        (tmp_path / "user_cf.py").symlink_to(path / "user_cf.py")
        (tmp_path / "bob").symlink_to(path)
        assert "'user_cf.py' is a symbolic link" in refused(tmp_path / "user_cf.py")
        assert "'bob' is a symbolic link" in refused(tmp_path / "bob")

    def test_pipe(self, tmp_path: Path):
        os.mkfifo(tmp_path / "user_cf.py")
        assert "is a pipe" in refused(tmp_path / "user_cf.py")

    def test_that_becomes_a_pipe_when_it_is_opened(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        path = folder(tmp_path, {"user_cf.py": CODE}) / "user_cf.py"
        seen = path.lstat()
        path.unlink()
        os.mkfifo(path)
        monkeypatch.setattr(Path, "lstat", lambda _: seen)
        assert "is a pipe" in refused(path)

    def test_that_becomes_a_link_when_it_is_opened(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        path = folder(tmp_path, {"user_cf.py": CODE}) / "user_cf.py"
        seen = path.lstat()
        path.rename(tmp_path / "other.py")
        path.symlink_to(tmp_path / "other.py")
        monkeypatch.setattr(Path, "lstat", lambda _: seen)
        assert refused(path) == "'user_cf.py' became a symbolic link while it was read; hand in the file itself"
