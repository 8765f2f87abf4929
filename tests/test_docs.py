"""The README is true: every command in it runs, every command there is stands in it, its exit codes hold."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.cli import app
from grader.content import catalog
from grader.content.questions import QUESTIONS
from grader.model import Kata

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```bash\n(.*?)```", README, re.DOTALL)
LINES = [line.split("#")[0].strip() for block in BLOCKS for line in block.splitlines() if line.strip()]
KATA = [line for line in LINES if line.startswith("kata ")]
# What a README's reader has at that point: work that isn't done yet fails.
EXITS = {"kata grade my-katas": 1, "kata grade my-katas/recommendation/user_cf.py": 1, "kata grade class/ada": 1}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the class that the README marks."""
    desk = tmp_path_factory.mktemp("desk")
    reference = catalog.find("user_cf").reference
    stub = catalog.find("user_cf").stub
    for who in ("ada", "ben", "chloe"):
        (desk / "class" / who).mkdir(parents=True)
        shutil.copy(stub if who == "ada" else reference, desk / "class" / who / "user_cf.py")
    shutil.make_archive(str(desk / "class" / "ben"), "zip", desk / "class" / "ben")
    return desk


def run(command: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "grader", *shlex.split(command)[1:]]
    return subprocess.run(
        words, cwd=cwd, capture_output=True, text=True, check=False, timeout=600, env={**os.environ, **env}
    )


@pytest.mark.parametrize("command", [line for line in KATA if not line.startswith(("kata new", "kata audit"))])
def test_every_command_in_the_readme_runs(kata, command: str, desk: Path) -> None:
    expected = next((code for start, code in EXITS.items() if command.startswith(start)), 0)
    done = kata(*shlex.split(command)[1:], cwd=desk)
    assert done.returncode == expected, done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Kata:
    """A kata that is audited in a second."""
    root = shutil.copytree(ROOT / "tests/katas/audited", tmp_path_factory.mktemp("small") / "audited")
    return catalog.read_kata(root / "exercises/machine/top.py", root / "checks")


@pytest.mark.parametrize("command", [line for line in KATA if line.startswith("kata audit")])
def test_every_audit_in_the_readme_runs(kata, command: str, small: Kata, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a small kata: tox audits the others."""
    words = shlex.split(command)[1:]
    named = [word for word in words[1:] if not word.startswith("-")]
    monkeypatch.setattr(catalog, "select", lambda names: (small,) if catalog.katas() and names == named else ())
    if "--banks" in words:
        kata(*words)  # builds the bank, and says so
    done = kata(*words)
    assert done.returncode == 0, done.stderr
    assert "machine/top" in done.stdout
    assert all(catalog.find(name) for name in named)


def test_the_command_for_a_new_kata_runs_in_a_clone(tmp_path: Path) -> None:
    (command,) = (line for line in KATA if line.startswith("kata new"))
    clone = tmp_path / "clone"
    shutil.copytree(
        catalog.PACKAGE,
        clone / "grader",
        ignore=shutil.ignore_patterns("katas", "checks", "__pycache__"),
    )
    (clone / "pyproject.toml").touch()
    done = run(command, clone, PYTHONPATH=str(clone))
    assert done.returncode == 0, done.stderr
    made = clone / "exercises" / f"{command.split()[-1]}.md"
    assert made.exists()


def test_every_command_stands_in_the_readme() -> None:
    names = {info.name or info.callback.__name__ for info in app.registered_commands}
    assert {name for name in names if f"kata {name}" not in README} == set()


def test_every_exit_code_stands_in_the_readme() -> None:
    assert re.findall(r"^\| (\d) \|", README, re.MULTILINE) == ["0", "1", "2", "3"]


def test_files_that_the_readme_links_to_are_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_table_of_questions_is_true_and_leaves_no_kata_out() -> None:
    rows = re.findall(r"^\| (Q\d+) \| [^|]+ \| ([^|]+) \|$", README, re.MULTILINE)
    shown = {(question, name) for question, names in rows for name in re.findall(r"`(\w+)`", names)}
    told = {(question, kata.name) for kata in catalog.katas() for question in kata.questions}
    assert shown == told
    assert {question for question, _ in shown} == set(QUESTIONS)
