"""What a folder may hold, and why another is refused."""

import os
from pathlib import Path

import pytest

from grader.submissions import archive, reader
from grader.submissions.reader import read
from handed_in import CODE, FILES, folder, refused, taken

pytestmark = pytest.mark.usefixtures("catalogue")


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

    def test_one_name_more_than_anybody_reads_is_counted(self, tmp_path: Path):
        for more, last in ((0, "user_cf (20).py"), (1, "and 1 more")):
            names = [f"user_cf ({number}).py" for number in range(1, reader.MOST_IGNORED + 1 + more)]
            ignored = read(folder(tmp_path, {"user_cf.py": CODE, **dict.fromkeys(names, b"x")}, f"a{more}")).ignored
            assert len(ignored) == reader.MOST_IGNORED + more
            assert last in ignored

    def test_nearly_right_at_the_top_is_told_before_anybody_looks_deeper(self, tmp_path: Path):
        files = {"zoe_user_cf.py": CODE, "old/work/bm25.py": b"x"}
        assert "'zoe_user_cf.py' looks like one" in refused(folder(tmp_path, files))

    def test_more_names_in_its_folders_than_anybody_needs(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(archive, "MOST_NAMES", 10)
        files = {f"old/work/{number}.py": b"x" for number in range(10)}
        assert "holds no file named after a kata" in refused(folder(tmp_path, files, "few"))
        assert "holds over 10 files" in refused(folder(tmp_path, {**files, "old/work/more.py": b"x"}, "many"))

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
