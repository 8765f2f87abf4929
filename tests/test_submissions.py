"""What may be handed in, and what is refused and why."""

import contextlib
import errno
import os
import stat
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.model import Source, Unread, UsageError
from grader.submissions import archive, reader
from grader.submissions.reader import read

pytestmark = pytest.mark.usefixtures("catalogue")
CODE = b"def f(x):\n    return x\n"
FILES = {"user_cf.py": CODE, "search/bm25.py": b"def g(): pass\n", "README.md": b"hello"}


def folder(root: Path, files: dict[str, bytes], name: str = "ada") -> Path:
    for place, code in files.items():
        file = root / name / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(code)
    return root / name


def zipped(root: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, mode: int = 0) -> Path:
    path = root / "ada.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, code in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, code, method)
    return path


def changed(path: Path, change: Callable[[bytearray], None]) -> Path:
    """Change a file's bytes in place."""
    content = bytearray(path.read_bytes())
    change(content)
    path.write_bytes(content)
    return path


def in_directory(member: int, offset: int, value: int, size: int) -> Callable[[bytearray], None]:
    """Overwrite a number in the archive's own record of a member."""

    def change(content: bytearray) -> None:
        record = -1
        for _ in range(member + 1):
            record = content.index(b"PK\x01\x02", record + 1)
        content[record + offset : record + offset + size] = value.to_bytes(size, "little")

    return change


def refused(path: Path, *katas: str) -> str:
    """Why it is refused, in a sentence that can be printed anywhere."""
    with pytest.raises(UsageError) as caught:
        read(path, katas)
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 400
    return message


def taken(path: Path, *katas: str) -> dict[str, str]:
    return {source.kata: source.name for source in read(path, katas).sources}


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


class TestFolder:
    """A folder of files."""

    def test_flat_and_in_tracks(self, tmp_path: Path):
        submission = read(folder(tmp_path, FILES, "Dr. Ada"))
        assert submission.name == "Dr. Ada"
        assert [(source.kata, source.name) for source in submission.sources] == [
            ("recommendation/user_cf", "user_cf.py"),
            ("search/bm25", "search/bm25.py"),
        ]

    def test_here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.chdir(folder(tmp_path, FILES))
        assert read(Path()).name == "ada"

    def test_only_the_katas_told(self, tmp_path: Path):
        path = folder(tmp_path, FILES)
        assert taken(path, "bm25") == {"search/bm25": "search/bm25.py"}
        assert taken(path, "bm25", "item_cf") == {"search/bm25": "search/bm25.py"}
        assert refused(path, "item_cf") == "'ada' holds no file named after a kata; the names are item_cf.py"

    def test_without_a_kata(self, tmp_path: Path):
        files = {"mine.py": CODE, ".git/user_cf.py": CODE, "a/b/c/d/e/user_cf.py": CODE, "notes.txt": CODE}
        files |= {"env/pyvenv.cfg": b"", "env/user_cf.py": CODE}
        message = refused(folder(tmp_path, files))
        assert message == "'ada' holds no file named after a kata; the names are item_cf.py, user_cf.py, bm25.py"

    def test_deeper_where_there_is_none_further_up(self, tmp_path: Path):
        deep = {"README.md": b"", "homework/week 3/user_cf.py": CODE}
        assert taken(folder(tmp_path / "deep", deep)) == {"recommendation/user_cf": "homework/week 3/user_cf.py"}
        both = {"old/user_cf.py": b"# old", "user_cf.py": CODE}
        assert taken(folder(tmp_path / "both", both)) == {"recommendation/user_cf": "user_cf.py"}

    def test_empty(self, tmp_path: Path):
        (tmp_path / "ada").mkdir()
        assert refused(tmp_path / "ada") == "'ada' is empty; hand in files named after katas"
        (tmp_path / "ada" / ".DS_Store").touch()
        assert refused(tmp_path / "ada") == "'ada' is empty; hand in files named after katas"

    @pytest.mark.parametrize(
        ("name", "advice"),
        [
            ("user_cf.py.txt", "'user_cf.py.txt' looks like one: rename it, or name its kata by --kata"),
            ("User CF.py", "'User CF.py' looks like one: rename it, or name its kata by --kata"),
            ("user_cf (1).py", "'user_cf (1).py' looks like one: rename it, or name its kata by --kata"),
            ("work.ipynb", "'work.ipynb' is a notebook: export it as .py"),
            ("hw.zip", "hand in 'hw.zip' itself, or what is in it"),
        ],
    )
    def test_with_something_that_was_meant_for_one(self, name: str, advice: str, tmp_path: Path):
        message = refused(folder(tmp_path, {name: CODE, "README.md": b""}))
        assert message == f"'ada' holds no file named after a kata; {advice}"

    @pytest.mark.parametrize("name", ["user_cf (1).py", "user_cf-2.py", "zoe_12_user_cf.py"])
    def test_nearly_right_name_counts_for_the_one_kata_told(self, name: str, tmp_path: Path):
        path = folder(tmp_path, {name: CODE, "x.py": b""})
        assert taken(path, "user_cf") == {"recommendation/user_cf": name}
        assert "holds no file" in refused(path, "bm25")

    def test_two_nearly_right_names(self, tmp_path: Path):
        path = folder(tmp_path, {"user_cf (1).py": CODE, "user_cf (2).py": CODE})
        assert read(path, ["user_cf"]).ignored == ("user_cf (2).py",)
        (path / "user_cf (2).py").write_bytes(CODE + b"#")
        assert "'user_cf (1).py' and 'user_cf (2).py' are both" in refused(path, "user_cf")

    def test_katas_told_that_are_not_there(self, tmp_path: Path):
        submission = read(folder(tmp_path, {"bm25.py": CODE, "user_cf (1).py": CODE}), ["user_cf", "bm25"])
        assert [source.kata for source in submission.sources] == ["search/bm25"]
        assert submission.missing == ("recommendation/user_cf",)
        assert submission.ignored == ("user_cf (1).py",)

    def test_nothing_is_missing_where_no_kata_was_told(self, tmp_path: Path):
        assert read(folder(tmp_path, FILES)).missing == ()

    def test_what_looks_like_a_submission_is_named(self, tmp_path: Path):
        stray = dict.fromkeys(["user_cf (1).py", "UserCF_old.py", "x.ipynb", "search/user_cf.py"], CODE)
        rest = dict.fromkeys(["notes.txt", "plot.py", ".user_cf.py", "._user_cf.py"], b"")
        assert read(folder(tmp_path, FILES | stray | rest)).ignored == tuple(sorted(stray))

    def test_no_more_names_than_anybody_reads(self, tmp_path: Path):
        many = {f"user_cf ({n}).py": CODE for n in range(50)}
        *names, last = read(folder(tmp_path, FILES | many)).ignored
        assert (len(names), last) == (20, "and 30 more")

    @pytest.mark.parametrize("other", ["recommendation/user_cf.py", "USER_CF.py", "Recommendation/User_CF.PY"])
    def test_two_files_for_one_kata(self, other: str, tmp_path: Path):
        message = refused(folder(tmp_path, {"user_cf.py": CODE, other: CODE + b"#"}))
        assert "'user_cf.py'" in message
        assert f"'{other}'" in message
        assert "both for recommendation/user_cf" in message

    def test_two_files_that_are_the_same(self, tmp_path: Path):
        submission = read(folder(tmp_path, {"user_cf.py": CODE, "recommendation/user_cf.py": CODE}))
        assert [source.name for source in submission.sources] == ["user_cf.py"]
        assert submission.ignored == ("recommendation/user_cf.py",)

    def test_capitals_do_not_matter(self, tmp_path: Path):
        assert taken(folder(tmp_path, {"User_CF.py": CODE})) == {"recommendation/user_cf": "User_CF.py"}

    def test_file_in_another_track_is_no_kata(self, tmp_path: Path):
        assert taken(folder(tmp_path, {"search/user_cf.py": CODE, "bm25.py": CODE})) == {"search/bm25": "bm25.py"}

    def test_too_large(self, tmp_path: Path):
        path = folder(tmp_path, FILES | {"search/bm25.py": b"#" * 300_000})
        assert "'bm25.py' is over 256 kB" in refused(path)
        assert taken(path, "user_cf") == {"recommendation/user_cf": "user_cf.py"}

    def test_links(self, tmp_path: Path):
        path = folder(tmp_path, {"user_cf.py": CODE})
        (path / "notes.py").symlink_to("/etc/passwd")
        assert taken(path) == {"recommendation/user_cf": "user_cf.py"}
        (path / "bm25.py").symlink_to("/etc/passwd")
        assert "'bm25.py' is a symbolic link" in refused(path)

    def test_link_to_a_track(self, tmp_path: Path):
        path = folder(tmp_path, {"user_cf.py": CODE})
        (path / "search").symlink_to(folder(tmp_path, {"bm25.py": CODE}, "bob"))
        assert "'search' is a symbolic link" in refused(path)

    def test_pipes_and_folders_in_place_of_files(self, tmp_path: Path):
        path = folder(tmp_path, {"user_cf.py": CODE})
        os.mkfifo(path / "notes.py")
        assert taken(path) == {"recommendation/user_cf": "user_cf.py"}
        (path / "bm25.py").mkdir()
        assert "'bm25.py' is a folder" in refused(path, "bm25")
        os.mkfifo(path / "item_cf.py")
        assert "'item_cf.py' is a pipe" in refused(path, "item_cf")

    def test_names_that_are_no_text(self, tmp_path: Path):
        path = folder(tmp_path, {"user_cf.py": CODE})
        for name in (b"\xff.py", b"\x1b[2J.py", b"user_cf.py\n", b"a\nb"):
            (path / os.fsdecode(name)).write_bytes(CODE)
        assert taken(path) == {"recommendation/user_cf": "user_cf.py"}

    def test_folder_whose_name_is_no_text(self, tmp_path: Path):
        assert read(folder(tmp_path, FILES, "a\udcffb\x1b[2J\nc")).name == r"a\udcffb\x1b[2J\nc"

    def test_more_names_than_anybody_needs(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(archive, "MOST_NAMES", 10)
        path = folder(tmp_path, {f"{n}.txt": b"" for n in range(8)} | {"search/bm25.py": CODE})
        assert taken(path) == {"search/bm25": "search/bm25.py"}
        folder(tmp_path, {"search/more.txt": b""})
        assert "'ada' holds over 10 files" in refused(path)

    def test_folders_without_end(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(archive, "MOST_NAMES", 10)
        path = folder(tmp_path, {"user_cf.py": CODE, "search/" * 200 + "bm25.py": CODE})
        assert taken(path) == {"recommendation/user_cf": "user_cf.py"}


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
