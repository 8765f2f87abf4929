"""Every attack of fixtures/hostile earns nothing, learns nothing and harms nothing, and is never the grader's fault."""

import ast
import io
import os
import signal
import sys
import tempfile
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.content import catalog
from grader.model import Group, KataReport, Outcome, Report, Status, Verdict
from grader.reports import json_file
from grader.reports.verdicts import account

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the grader judges on POSIX systems")
BROKE_OUT = "BROKE OUT"
MADE = ("kata", "kata-was-here", "kata.socket", "psm_kata", "sem.kata", "sem.psm_kata")


def test_every_hostile_submission_says_what_it_tries(trial) -> None:
    told = (ast.get_docstring(ast.parse(trial.attack.code)) or "").split("\n\n")
    assert len(told) >= 2
    assert told[1].startswith(("Rule ", "Rules ", "Idea: ", "Facts and claims: "))


def test_hostile_submission_fails_and_nothing_else(trial, ground) -> None:
    report = ground.tried(trial).report
    assert report.fault == ""
    assert report.status is Status.FAILED
    assert [verdict.check for verdict in report.verdicts] == [check.name for check in report.checks]


def test_hostile_submission_earns_nothing(trial, ground) -> None:
    report, attack = ground.tried(trial).report, trial.attack
    harmless = {check.name for check in report.checks if check.group is Group.INTERFACE} | attack.may_pass
    if attack.passes_all_but:
        harmless = {check.name for check in report.checks} - attack.passes_all_but
    assert {verdict.check for verdict in report.verdicts if verdict.outcome is Outcome.PASSED} <= harmless


def test_hostile_submission_learns_nothing(trial, ground) -> None:
    shown = everything_shown(ground.tried(trial).report)
    assert BROKE_OUT not in shown
    own = trial.attack.code.decode()
    assert [secret for secret in secrets(ground.canary) if secret in shown and secret not in own] == []


def test_after_a_hostile_submission_the_next_is_graded_as_if_nothing_had_been(trial, ground) -> None:
    tried = ground.tried(trial)
    assert tried.following.fault == ""
    assert not_passed(tried.following) == []
    assert tried.left == []


def test_hostile_submission_cannot_change_what_is_possible(trial, ground) -> None:
    report = ground.tried(trial).report
    assert report.checks in [reference.checks for reference in ground.references]


def test_after_all_hostile_submissions_the_references_have_full_marks(ground) -> None:
    for report in ground.references:
        assert report.fault == ""
        assert not_passed(report) == []


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_hostile_submissions_leave_nothing(ground, signalled, adopted, already_there) -> None:
    assert ground.references is not None  # all are over
    ground.close()
    assert signalled == []
    assert adopted() == []
    assert made() - already_there == set()
    assert b"kata" not in Path("/proc/net/unix").read_bytes()
    assert str(0x6B617461) not in Path("/proc/sysvipc/shm").read_text(encoding="ascii")


@pytest.fixture(scope="module", autouse=True)
def signalled() -> Iterator[list[int]]:
    """Signals that came while attacks were under way. This one means nothing to whoever doesn't wait for it."""
    heard: list[int] = []
    before = signal.signal(signal.SIGURG, lambda number, _: heard.append(number))
    yield heard
    signal.signal(signal.SIGURG, before)


@pytest.fixture(scope="module", autouse=True)
def already_there() -> set[tuple[str, int]]:
    """What others left under the names of MADE before the first attack."""
    return made()


def not_passed(report: KataReport) -> list[Verdict]:
    return [verdict for verdict in report.verdicts if verdict.outcome is not Outcome.PASSED]


def everything_shown(kata: KataReport) -> str:
    """All that anybody but staff can read of a report, in every form."""
    report = Report("mallory", "0", kata.status, "sandlock", 0, "", 0.0, (kata,))  # type: ignore[arg-type]
    return "\n".join([json_file.render(report), *(account(verdict) for verdict in kata.verdicts)])


def secrets(canary: str) -> Iterator[str]:
    """Lines of code that no learner may see, where they are, and what was planted."""
    yield canary
    yield str(catalog.PACKAGE) + os.sep
    for name in ("solutions", "fixtures", "exercises", "checks"):
        yield str(catalog.content_root() / name)
    for name in ("recommendation/user_cf", "multitask/esmm"):
        kata = catalog.read_kata(catalog.content_root() / "exercises" / f"{name}.py", catalog.checks_root())
        for path in (kata.checks, kata.reference, *kata.mistakes, *kata.alternatives):
            yield from lines_of_code(path)


def lines_of_code(path: Path) -> Iterator[str]:
    """Lines long enough to be recognized, without docstrings and comments, which say what learners may know."""
    text = path.read_text(encoding="utf-8")
    said = {
        number
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type in (tokenize.STRING, tokenize.COMMENT)
        for number in range(token.start[0], token.end[0] + 1)
    }
    for number, line in enumerate(text.splitlines(), 1):
        if number not in said and len(line.strip()) > 30:
            yield line.strip()


def made() -> set[tuple[str, int]]:
    """Files and folders named as attacks name theirs, and when each was last changed."""
    places = {tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", str(Path.cwd()), str(Path.home())}
    return {
        (str(path), path.lstat().st_mtime_ns)
        for place in places
        if Path(place).is_dir()
        for path in Path(place).glob("*kata*")
        if path.name in MADE
    }
