"""What an archive may hold, and why another is refused."""

import contextlib
import os
import stat
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.model import UsageError
from grader.submissions import archive
from grader.submissions.reader import read
from handed_in import CODE, FILES, changed, folder, in_directory, refused, taken, zipped

pytestmark = pytest.mark.usefixtures("catalogue")


class TestZip:
    """A zip of a folder."""

    @pytest.mark.parametrize("top", ["", "ada/", "./", "Ada's work/"])
    @pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    def test_same_as_the_folder(self, top: str, method: int, tmp_path: Path):
        whole = read(folder(tmp_path, FILES))
        packed = read(zipped(tmp_path, {f"{top}{name}": code for name, code in FILES.items()}, method))
        assert (packed.name, packed.sha256) == (whole.name, whole.sha256)
        assert [(s.kata, s.code) for s in packed.sources] == [(s.kata, s.code) for s in whole.sources]
        assert packed.sources[0].name == f"{top}user_cf.py"

    def test_only_the_katas_told(self, tmp_path: Path):
        assert taken(zipped(tmp_path, FILES), "bm25") == {"search/bm25": "search/bm25.py"}

    def test_without_a_kata(self, tmp_path: Path):
        message = refused(zipped(tmp_path, {"a/b/c/mine.py": CODE, "notes.txt": CODE}))
        assert message == "'ada.zip' holds no file named after a kata; the names are item_cf.py, user_cf.py, bm25.py"

    def test_what_archivers_add_is_left_out(self, tmp_path: Path):
        files = {"ada/user_cf.py": CODE, "__MACOSX/ada/user_cf.py": b"\0", "ada/Icon\r": b"", "ada/": b""}
        files |= {"ada/.DS_Store": b"\0", "ada/._user_cf.py": b"\0", "ada/.ipynb_checkpoints/user_cf.py": b""}
        submission = read(zipped(tmp_path, files))
        assert [source.name for source in submission.sources] == ["ada/user_cf.py"]
        assert submission.ignored == ()

    def test_several_folders(self, tmp_path: Path):
        found = taken(zipped(tmp_path, {"ada/user_cf.py": CODE, "ada/hw/search/bm25.py": CODE, "b/item_cf.py": CODE}))
        assert found == {
            "recommendation/item_cf": "b/item_cf.py",
            "recommendation/user_cf": "ada/user_cf.py",
            "search/bm25": "ada/hw/search/bm25.py",
        }

    def test_two_versions_in_two_folders(self, tmp_path: Path):
        message = refused(zipped(tmp_path, {"ada/user_cf.py": CODE, "old/user_cf.py": b"old"}))
        assert message == (
            "'ada.zip': 'ada/user_cf.py' and 'old/user_cf.py' are both for recommendation/user_cf and differ; "
            "keep one of them"
        )

    def test_two_folders_with_the_same(self, tmp_path: Path):
        submission = read(zipped(tmp_path, {"z/user_cf.py": CODE, "a/deep/user_cf.py": CODE, "b/user_cf.py": CODE}))
        assert [source.name for source in submission.sources] == ["b/user_cf.py"]
        assert submission.ignored == ("a/deep/user_cf.py", "z/user_cf.py")

    def test_more_copies_than_anybody_compares(self, tmp_path: Path):
        assert "keep one" in refused(zipped(tmp_path, {f"{n}/user_cf.py": CODE for n in range(100)}))

    def test_copy_made_by_a_browser(self, tmp_path: Path):
        path = zipped(tmp_path, {"user_cf.py": CODE, "user_cf (1).py": b"other"})
        assert taken(path) == taken(path, "user_cf") == {"recommendation/user_cf": "user_cf.py"}
        assert read(path).ignored == ("user_cf (1).py",)
        assert taken(zipped(tmp_path, {"ada/user_cf (1).py": CODE}), "user_cf") == {
            "recommendation/user_cf": "ada/user_cf (1).py"
        }

    def test_notebook(self, tmp_path: Path):
        assert "'a/user_cf.ipynb' is a notebook: export it as .py" in refused(
            zipped(tmp_path, {"a/user_cf.ipynb": b"{}"})
        )

    def test_backslashes_are_folders(self, tmp_path: Path):
        path = zipped(tmp_path, {"ada\\": b"", "ada\\user_cf.py": CODE, "ada\\search\\bm25.py": CODE})
        assert taken(path) == {"recommendation/user_cf": "ada/user_cf.py", "search/bm25": "ada/search/bm25.py"}

    @pytest.mark.parametrize("other", ["recommendation/user_cf.py", "USER_CF.PY"])
    def test_two_files_for_one_kata(self, other: str, tmp_path: Path):
        message = refused(zipped(tmp_path, {"user_cf.py": CODE, other: CODE + b"#"}))
        for name in ("user_cf.py", other):
            assert f"'{name}'" in message
        assert "are both for recommendation/user_cf" in message

    def test_two_members_of_one_name(self, tmp_path: Path):
        path = zipped(tmp_path, {"user_cf.py": CODE, "user_cfpy.": b"x"})
        changed(path, lambda content: content.__setitem__(slice(None), content.replace(b"user_cfpy.", b"user_cf.py")))
        assert "'user_cf.py' and 'user_cf.py' are both" in refused(path)

    @pytest.mark.parametrize(
        "name",
        [
            "../user_cf.py",
            "ada/../../user_cf.py",
            "/user_cf.py",
            "C:user_cf.py",
            "c:/user_cf.py",
            "..\\user_cf.py",
            "ada\\..\\user_cf.py",
            "\\user_cf.py",
            "\\\\host\\share\\user_cf.py",
        ],
    )
    def test_names_that_lead_elsewhere(self, name: str, tmp_path: Path):
        message = refused(zipped(tmp_path, {name: CODE, "bm25.py": CODE}))
        shown = name.replace("\\", "/")
        assert message == f"'ada.zip': {shown!r} isn't a plain path inside the archive; zip the folder again"

    def test_name_with_a_nul(self, tmp_path: Path):
        path = zipped(tmp_path, {"user_cf.py_.txt": CODE})
        changed(path, lambda content: content.__setitem__(slice(None), content.replace(b".py_.txt", b".py\0.txt")))
        assert r"'user_cf.py\x00.txt' isn't a plain path" in refused(path)

    def test_name_that_is_no_text(self, tmp_path: Path):
        path = zipped(tmp_path, {"é.txt": b"", "user_cf.py": CODE})
        changed(path, lambda content: content.__setitem__(slice(None), content.replace("é".encode(), b"\xff\xff")))
        assert "'ada.zip' is no zip, or a damaged one" in refused(path)

    def test_name_with_control_characters(self, tmp_path: Path):
        path = zipped(tmp_path, {"\x1b[2J\n\u202e/user_cf.py": CODE})
        assert taken(path) == {"recommendation/user_cf": r"\x1b[2J\n\u202e/user_cf.py"}

    def test_name_without_end(self, tmp_path: Path):
        (name,) = taken(zipped(tmp_path, {"a" * 60_000 + "/user_cf.py": CODE})).values()
        assert len(name) < 300
        assert "..." in refused(zipped(tmp_path, {"../" + "a" * 60_000: CODE}))

    def test_too_large(self, tmp_path: Path):
        code = os.urandom(256 * 1024 + 1)
        assert "'user_cf.py' is over 256 kB" in refused(zipped(tmp_path, {"user_cf.py": code}))

    @pytest.mark.parametrize("size", [1, len(CODE) - 1, len(CODE) + 1, 4_000])
    def test_size_that_is_a_lie(self, size: int, tmp_path: Path):
        path = changed(zipped(tmp_path, {"user_cf.py": CODE}), in_directory(0, 24, size, 4))
        assert "'user_cf.py' is no zip, or a damaged one" in refused(path)

    def test_large_archive(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(archive, "LARGEST_ARCHIVE", 300_000)
        path = zipped(tmp_path, {"user_cf.py": CODE, "data.csv": os.urandom(300_000)})
        assert "'ada.zip' is over 292 kB" in refused(path)

    def test_as_large_as_allowed(self, tmp_path: Path):
        path = zipped(tmp_path, {"user_cf.py": CODE})
        filled = path.read_bytes()
        for more, is_read in ((0, True), (1, False)):
            # what stands before the first member is no part of it
            path.write_bytes(bytes(16 * 1024 * 1024 + more - len(filled)) + filled)
            if is_read:
                assert taken(path) == {"recommendation/user_cf": "user_cf.py"}
            else:
                assert "is over 16,384 kB" in refused(path)

    def test_bomb(self, tmp_path: Path):
        path = zipped(tmp_path, {"user_cf.py": b" " * 250_000})
        assert "'user_cf.py' unpacks to over 200 times its packed size" in refused(path)

    def test_bomb_that_claims_to_be_small(self, tmp_path: Path):
        path = zipped(tmp_path, {"user_cf.py": b" " * 50_000_000})
        changed(path, in_directory(0, 24, 100_000, 4))
        tracemalloc.start()
        try:
            assert "'user_cf.py' is no zip, or a damaged one" in refused(path)
            assert tracemalloc.get_traced_memory()[1] < 25_000_000
        finally:
            tracemalloc.stop()

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_packer_whose_output_is_not_bounded(self, method: int, tmp_path: Path):
        assert "isn't packed by deflate" in refused(zipped(tmp_path, {"user_cf.py": CODE}, method))

    def test_overlap(self, tmp_path: Path):
        path = changed(zipped(tmp_path, {"user_cf.py": CODE, "bm25.py": CODE}), in_directory(1, 42, 10, 4))
        assert "overlaps another member" in refused(path)

    def test_encrypted(self, tmp_path: Path):
        path = changed(zipped(tmp_path, {"user_cf.py": CODE, "bm25.py": CODE}), in_directory(0, 8, 1, 2))
        assert "'user_cf.py' is encrypted" in refused(path)
        assert taken(path, "bm25") == {"search/bm25": "bm25.py"}

    @pytest.mark.parametrize(
        ("kind", "word"),
        [
            (stat.S_IFLNK, "symbolic link"),
            (stat.S_IFIFO, "pipe"),
            (stat.S_IFCHR, "device"),
            (stat.S_IFBLK, "device"),
            (stat.S_IFSOCK, "socket"),
            (stat.S_IFDIR, "folder"),
        ],
    )
    def test_members_that_are_no_files(self, kind: int, word: str, tmp_path: Path):
        assert f"'user_cf.py' is a {word}" in refused(
            zipped(tmp_path, {"user_cf.py": b"/etc/passwd"}, mode=kind | 0o777)
        )

    def test_more_members_than_anybody_needs(self, tmp_path: Path):
        files = dict.fromkeys(map("{}.txt".format, range(9_999)), b"") | {"user_cf.py": CODE}
        assert taken(zipped(tmp_path, files)) == {"recommendation/user_cf": "user_cf.py"}
        assert "'ada.zip' holds over 10,000 files" in refused(zipped(tmp_path, files | {"one more": b""}))

    def test_zip_in_a_zip_stays_closed(self, tmp_path: Path):
        inner = zipped(tmp_path, {"user_cf.py": CODE}).read_bytes()
        assert "holds no file named after a kata" in refused(zipped(tmp_path, {"ada.zip": inner, "user_cf.zip": inner}))

    @pytest.mark.parametrize("content", [b"", b"hello", b"PK\x05\x06", b"PK\x05\x06" + b"\0" * 18])
    def test_no_zip(self, content: bytes, tmp_path: Path):
        path = tmp_path / "ada.zip"
        path.write_bytes(content)
        assert refused(path).startswith("'ada.zip' ")

    def test_link(self, tmp_path: Path):
        (tmp_path / "bob.zip").symlink_to(zipped(tmp_path, FILES))
        assert "'bob.zip' is a symbolic link" in refused(tmp_path / "bob.zip")

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.tuples(st.integers(0, 10_000), st.binary(min_size=1, max_size=8)), min_size=1, max_size=4))
    def test_damage_is_refused_or_harmless(self, tmp_path: Path, damage: list[tuple[int, bytes]]):
        content = bytearray(zipped(tmp_path, {"ada/user_cf.py": CODE, "ada/é.txt": CODE}).read_bytes())
        for place, noise in damage:
            start = place % len(content)
            content[start : start + len(noise)] = noise
        path = tmp_path / "damaged.zip"
        path.write_bytes(content)
        with contextlib.suppress(UsageError):
            assert [source.code for source in read(path).sources] == [CODE]
