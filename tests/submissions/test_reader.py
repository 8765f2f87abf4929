"""What holds of every submission: its hash, its path, and that one stops no other."""

import os
import stat
from pathlib import Path

import pytest

from grader.model import Unread
from grader.submissions import archive, reader
from grader.submissions.reader import read
from handed_in import CODE, FILES, folder, zipped

pytestmark = pytest.mark.usefixtures("catalogue")


class TestWhateverHappens:
    """One that can't be read must not stop the others."""

    def test_a_sentence_names_the_submission_not_only_the_file_inside(self, tmp_path: Path):
        path = folder(tmp_path, {"user_cf.py": b"#" * 300_000})
        assert reader.taken(path) == Unread(
            str(path), "ada", "'ada': 'user_cf.py' is over 256 kB; hand in code only, without data"
        )

    def test_what_can_be_read_is_read(self, tmp_path: Path):
        path = folder(tmp_path, FILES)
        assert reader.taken(path) == read(path)

    @pytest.mark.parametrize("error", [RecursionError("deep"), MemoryError(), KeyError("x\n\x1b")])
    def test_what_nobody_foresaw_is_our_fault(self, error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        def fail(*_: object) -> None:
            raise error

        monkeypatch.setattr(archive, "content", fail)
        unread = reader.taken(folder(tmp_path, FILES) / "user_cf.py")
        assert isinstance(unread, Unread)
        assert "'user_cf.py' couldn't be looked at" in unread.fault
        assert unread.fault.isprintable()
        assert unread.reason == ""

    def test_every_file_is_opened_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        opened, real = [], os.open
        monkeypatch.setattr(os, "open", lambda path, *how, **more: opened.append(path) or real(path, *how, **more))
        read(folder(tmp_path, FILES))
        assert sorted(Path(path).name for path in opened) == ["bm25.py", "user_cf.py"]

    def test_path_is_kept_as_given(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.chdir(folder(tmp_path, FILES).parent)
        assert [read(Path(given)).path for given in ("ada", "ada/user_cf.py")] == ["ada", "ada/user_cf.py"]


class TestHash:
    """What the hash stands for."""

    def test_same_content_has_the_same_hash(self, tmp_path: Path):
        flat = folder(tmp_path, {"user_cf.py": CODE, "bm25.py": b"x"}, "ada")
        deep = folder(tmp_path, {"recommendation/user_cf.py": CODE, "search/BM25.py": b"x", "notes": b"y"}, "bob")
        assert read(flat).sha256 == read(deep).sha256

    def test_other_content_has_another(self, tmp_path: Path):
        variants = [
            {"user_cf.py": b"ab", "bm25.py": b"c"},
            {"user_cf.py": b"a", "bm25.py": b"bc"},
            {"user_cf.py": b"c", "bm25.py": b"ab"},
            {"user_cf.py": b"ab"},
            {"item_cf.py": b"ab"},
        ]
        assert len({read(folder(tmp_path, files, str(n))).sha256 for n, files in enumerate(variants)}) == len(variants)


def test_archive_of_a_working_copy_is_the_same_wherever_it_was_made(tmp_path: Path):
    """Zips made on Windows carry no kind of file, those of Unix do."""
    plain = read(zipped(tmp_path, FILES, mode=0))
    assert read(zipped(tmp_path, FILES, mode=stat.S_IFREG | 0o644)) == plain


def test_reading_leaves_nothing_open(tmp_path: Path):
    """A thousand submissions don't use up the descriptors."""
    path, archive = folder(tmp_path, FILES), zipped(tmp_path, FILES)
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(5):
        read(path)
        read(archive)
    assert len(list(Path("/dev/fd").iterdir())) == before
