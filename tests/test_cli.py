"""The command as its users meet it: exit codes, messages, files."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from grader.content import catalog

ROOT = catalog.content_root()
USER_CF = ROOT / "solutions/recommendation/user_cf.py"


def process(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, whose start and end are looked at too."""
    command = [sys.executable, "-m", "grader", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False, timeout=300)


def test_list_names_every_kata_and_as_json_too(kata) -> None:
    shown, listed = kata("list"), kata("list", "--format", "json")
    assert [entry["kata"] for entry in json.loads(listed.stdout)] == [each.id for each in catalog.katas()]
    assert all(each.id in shown.stdout for each in catalog.katas())


def test_show_renders_the_statement(kata) -> None:
    shown = kata("show", "user_cf")
    assert shown.returncode == 0
    assert "imports: numpy" in shown.stdout
    assert catalog.find("user_cf").title in shown.stdout
    assert "Contract" in shown.stdout


@pytest.mark.parametrize("wrong", ["usercf", "recommendation/user-cf", "user_c"])
def test_an_unknown_kata_is_answered_with_the_nearest(kata, wrong: str) -> None:
    answered = kata("show", wrong)
    assert answered.returncode == 2
    assert "did you mean recommendation/user_cf?" in answered.stderr
    assert "Traceback" not in answered.stderr


def test_start_copies_and_never_overwrites(kata, tmp_path: Path) -> None:
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
    done = process("grade", USER_CF, "--format", "json", "--output", report, "--seed", 3)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    graded = json.loads(report.read_text())
    assert (graded["status"], graded["seed"]) == ("passed", 3)
    assert graded["score"]["earned"] == graded["score"]["possible"]


def test_several_submissions_are_several_reports_each_with_its_path(kata, tmp_path: Path) -> None:
    for who, file in (("ada", "exercises"), ("ben", "solutions"), ("cy", "exercises")):
        (tmp_path / who).mkdir()
        (tmp_path / who / "user_cf.py").write_bytes((ROOT / file / "recommendation/user_cf.py").read_bytes())
    paths = ["ada/user_cf.py", "nobody", "ben/user_cf.py", "cy"]
    done = kata("grade", *paths, "--format", "json", "--ordered", cwd=tmp_path)
    assert done.returncode == 2
    assert "'nobody' isn't there; check the path" in done.stderr
    graded = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["submission"] for each in graded] == paths
    assert [each["status"] for each in graded] == ["failed", "unreadable", "passed", "failed"]


def test_a_kata_that_is_asked_for_and_missing_counts_0_of_its_points(kata, tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada/user_cf.py").write_bytes(USER_CF.read_bytes())
    asked = ("--kata", "user_cf", "--kata", "calibration", "--format", "json")
    done = kata("grade", "ada", *asked, cwd=tmp_path)
    assert done.returncode == 1
    graded = json.loads(done.stdout)
    missing, there = graded["katas"]
    assert graded["missing"] == [missing["kata"]] == ["ads/calibration"]
    assert missing["score"]["earned"] == 0 < missing["score"]["possible"]
    assert graded["score"]["possible"] == missing["score"]["possible"] + there["score"]["possible"]
    assert {check["outcome"] for check in missing["checks"]} == {"not_run"}


@pytest.mark.parametrize(
    ("redirection", "code", "says"),
    [
        ("> /dev/full", 3, "can't write to standard output: No space left on device"),
        (">&-", 3, "standard output is closed"),
        ("| true", 141, ""),
        ("2>&-", 0, ""),
        ("2> /dev/full", 0, ""),
        ("<&-", 0, ""),
        ("--output /dev/full", 3, "can't write to /dev/full: No space left on device"),
    ],
)
def test_what_nobody_gets_to_read_is_no_success(redirection: str, code: int, says: str, tmp_path: Path) -> None:
    done = in_a_shell(f"{KATA} grade {USER_CF} --format json {redirection}; echo ${{PIPESTATUS[0]}} >&3", tmp_path)
    assert done.code == code
    assert says in done.said
    assert "Traceback" not in done.said
    assert "Exception ignored" not in done.said


@pytest.mark.parametrize("command", ["list", "list --format json", "show user_cf"])
@pytest.mark.parametrize(("redirection", "code"), [("> /dev/full", 3), (">&-", 3), ("| true", 141)])
def test_other_commands_say_so_too(command: str, redirection: str, code: int, tmp_path: Path) -> None:
    slow_reader = redirection.replace("| true", "| sleep 0")
    done = in_a_shell(f"{KATA} {command} {slow_reader}; echo ${{PIPESTATUS[0]}} >&3", tmp_path)
    assert done.code == code
    assert "Traceback" not in done.said
    assert "Exception ignored" not in done.said


KATA = f"{sys.executable} -m grader"


class Ended(NamedTuple):
    code: int
    said: str


def in_a_shell(line: str, folder: Path) -> Ended:
    """What a command in a shell exits with and says on standard error."""
    told = folder / "code"
    done = subprocess.run(
        ["bash", "-c", f"exec 3> {told}; {line}"], capture_output=True, text=True, check=False, timeout=300
    )
    return Ended(int(told.read_text()), done.stderr)


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_stopped_is_taken_up_again(stop: int, tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / f"s{number}").mkdir()
        (tmp_path / f"s{number}/user_cf.py").write_text(f"# {number}\n{USER_CF.read_text()}")
    paths, output = [f"s{number}" for number in range(6)], tmp_path / "r.jsonl"
    part = tmp_path / "r.jsonl.part"
    command = ["grade", *paths, "--format", "json", "--output", "r.jsonl"]
    run = subprocess.Popen(
        [sys.executable, "-m", "grader", *command],
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
        preexec_fn=_heed_ctrl_c,  # noqa: PLW1509  there are no threads here
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and run.poll() is None and not (part.exists() and part.read_bytes().count(b"\n")):
        time.sleep(0.005)
    os.kill(run.pid, stop)
    run.wait(60)
    before = (part if part.exists() else output).read_text().splitlines()
    assert before
    done = process(*command, "--resume", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = output.read_text().splitlines()
    assert lines[: len(before)] == before
    assert sorted(json.loads(line)["submission"] for line in lines) == paths
    assert not part.exists()


def test_a_failure_shows_call_returned_and_expected(kata) -> None:
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
        (["grade", "nowhere.py"], "'nowhere.py' isn't there; check the path"),
        (["grade", "a", "b", "a"], "'a' is there twice"),
        (["grade", "a", "--resume"], "--output FILE"),
        (["grade", ".", "--output", "r.txt"], "lies inside '.'"),
        (["grade", "r.txt", "--output", "r.txt"], "is also one of the PATHs"),
        (["grade"], "--help"),
        (["grade", "x.py", "--format", "yaml"], "yaml"),
        (["start", "user_cf"], "--into"),
        (["new", "Bad Name"], "isn't a name for a kata"),
    ],
)
def test_bad_usage_is_exit_2_with_a_sentence(kata, arguments: list[str], says: str, tmp_path: Path) -> None:
    done = kata(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unreadable_destination_is_exit_2(kata, tmp_path: Path) -> None:
    done = kata("grade", USER_CF, "--output", tmp_path / "no" / "such" / "folder.json")
    assert done.returncode == 2
    assert "can't write to" in done.stderr


def test_certify_refuses_bare(kata) -> None:
    done = kata("grade", USER_CF, "--isolation", "bare", "--certify")
    assert done.returncode == 3
    assert "full sandbox" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is a signal")
def test_ctrl_c_keeps_what_is_done_and_leaves_no_process(tmp_path: Path) -> None:
    endless = [tmp_path / f"endless{number}" for number in range(4)]
    for number, each in enumerate(endless):
        each.mkdir()
        (each / "user_cf.py").write_text(f"while {number + 1}: pass\n")
    report, part = tmp_path / "report.jsonl", tmp_path / "report.jsonl.part"
    command = [sys.executable, "-m", "grader", "grade", *map(str, endless[:1]), str(USER_CF), *map(str, endless[1:])]
    run = subprocess.Popen(
        [*command, "--format", "json", "--output", str(report)],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_heed_ctrl_c,  # noqa: PLW1509  there are no threads here
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (part.exists() and part.read_text().count("\n")):
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
