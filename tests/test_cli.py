"""The command as its users meet it: exit codes, messages, files."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader import catalog

ROOT = catalog.content_root()
USER_CF = ROOT / "solutions/recommendation/user_cf.py"


def kata(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False, timeout=300)


def test_list_names_every_kata_and_as_json_too() -> None:
    shown, listed = kata("list"), kata("list", "--format", "json")
    assert [entry["kata"] for entry in json.loads(listed.stdout)] == [each.id for each in catalog.katas()]
    assert all(each.id in shown.stdout for each in catalog.katas())


def test_show_renders_the_statement() -> None:
    shown = kata("show", "user_cf")
    assert shown.returncode == 0
    assert "imports: numpy" in shown.stdout
    assert "[U1]" in shown.stdout or "Contract" in shown.stdout


@pytest.mark.parametrize("wrong", ["usercf", "recommendation/user-cf", "user_c"])
def test_an_unknown_kata_is_answered_with_the_nearest(wrong: str) -> None:
    answered = kata("show", wrong)
    assert answered.returncode == 2
    assert "did you mean recommendation/user_cf?" in answered.stderr
    assert "Traceback" not in answered.stderr


def test_start_copies_and_never_overwrites(tmp_path: Path) -> None:
    work = tmp_path / "work"
    assert kata("start", "user_cf", "--into", work).returncode == 0
    mine = work / "recommendation/user_cf.py"
    assert (work / "recommendation/user_cf.md").exists()
    mine.write_text("# mine\n")
    again = kata("start", "--into", work)
    assert mine.read_text() == "# mine\n"
    assert f"kept    {mine}" in again.stdout
    assert (work / "multitask/esmm.py").exists()


def test_grading_a_reference_passes(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = kata("grade", USER_CF, "--format", "json", "--output", report, "--seed", 3)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    graded = json.loads(report.read_text())
    assert (graded["status"], graded["seed"]) == ("passed", 3)
    assert graded["score"]["earned"] == graded["score"]["possible"]


def test_several_submissions_are_several_reports_in_their_order(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "user_cf.py").write_bytes((ROOT / "exercises/recommendation/user_cf.py").read_bytes())
    done = kata("grade", other, USER_CF, other / "user_cf.py", "--format", "json")
    assert done.returncode == 1
    graded = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["submission"] for each in graded] == ["other", "user_cf", "user_cf"]
    assert [each["status"] for each in graded] == ["failed", "passed", "failed"]


def test_a_failure_shows_call_returned_and_expected() -> None:
    seed = ROOT / "fixtures/mistakes/recommendation/user_cf/seed_original.py"
    done = kata("grade", seed, "--kata", "user_cf")
    assert done.returncode == 1
    for word in (
        "user_similarity(np.array(",
        "returned",
        "expected",
        "sandlock" if sys.platform == "linux" else "bare",
    ):
        assert word in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["grade", "nowhere.py"], "nowhere.py"),
        (["grade"], "--help"),
        (["grade", "x.py", "--format", "yaml"], "yaml"),
        (["start", "user_cf"], "--into"),
        (["new", "Bad Name"], "isn't a name for a kata"),
    ],
)
def test_bad_usage_is_exit_2_with_a_sentence(arguments: list[str], says: str, tmp_path: Path) -> None:
    done = kata(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unreadable_destination_is_exit_2(tmp_path: Path) -> None:
    done = kata("grade", USER_CF, "--output", tmp_path / "no" / "such" / "folder.json")
    assert done.returncode == 2
    assert "can't write to" in done.stderr


def test_certify_refuses_bare() -> None:
    done = kata("grade", USER_CF, "--isolation", "bare", "--certify")
    assert done.returncode == 3
    assert "full sandbox" in done.stderr


def test_new_writes_a_kata_that_grades(tmp_path: Path) -> None:
    from grader import scaffold  # noqa: PLC0415

    (tmp_path / "pyproject.toml").touch()
    made = scaffold.new("search/query_rewrite", tmp_path)
    assert len(made) == 7
    made_kata = catalog.read_kata(tmp_path / "exercises/search/query_rewrite.py", tmp_path / "grader/checks")
    assert made_kata.mistakes
    assert made_kata.alternatives
    with pytest.raises(catalog.UsageError, match="never overwritten"):
        scaffold.new("search/query_rewrite", tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is a signal")
def test_ctrl_c_keeps_what_is_done_and_leaves_no_process(tmp_path: Path) -> None:
    endless = tmp_path / "endless"
    endless.mkdir()
    (endless / "user_cf.py").write_text("while True: pass\n")
    report = tmp_path / "report.jsonl"
    command = [sys.executable, "-m", "grader", "grade", str(USER_CF), *[str(endless)] * 4, "--format", "json"]
    run = subprocess.Popen(
        [*command, "--output", str(report)],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_heed_ctrl_c,  # noqa: PLW1509  there are no threads here
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (report.exists() and report.read_text().count("\n")):
        time.sleep(0.1)
    os.killpg(run.pid, signal.SIGINT)
    _, told = run.communicate(timeout=60)
    assert run.returncode == 130
    assert json.loads(report.read_text().splitlines()[0])["status"] == "passed"
    assert "Traceback" not in told
    assert "1 of 5" in told
    assert not _in_session(run.pid)


def _heed_ctrl_c() -> None:
    # what a shell starts in the background ignores it, and so would whatever these tests start
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _in_session(session: int) -> list[int]:
    """Processes of a session that are still there a few seconds later."""
    deadline = time.monotonic() + 10
    while left := [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _session_of(entry) == session]:
        if time.monotonic() > deadline:
            return left
        time.sleep(0.1)
    return []


def _session_of(entry: Path) -> int:
    try:
        state, _, _, session, *_ = (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return -1
    # a zombie has ended; whether it is still listed is up to the system's first process
    return -1 if state in "ZX" else int(session)
