"""What `kata new` makes is a kata that passes the audit, and CONTRIBUTING.md tells of commands that there are."""

import importlib.util
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from grader.cli import app
from grader.content import catalog, scaffold
from grader.model import UsageError

ROOT = Path(__file__).resolve().parents[1]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


@pytest.fixture
def desk(clone: Path, monkeypatch: pytest.MonkeyPatch):
    """The clone in which CONTRIBUTING.md is followed: the docs, and no kata yet."""
    if not (ROOT / "benchmarks").is_dir():
        pytest.skip("there is no clone")
    monkeypatch.setattr(sys, "path", [*sys.path, str(ROOT)])
    from benchmarks import tables  # noqa: PLC0415

    for name in ("README.md", "pyproject.toml", "docs/checks.md", "docs/banks.md", "docs/architecture.md"):
        (clone / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, clone / name)
    monkeypatch.setattr(catalog, "content_root", lambda: clone)
    monkeypatch.setattr(catalog, "checks_root", lambda: clone / "grader/checks")
    monkeypatch.setattr(tables, "ROOT", clone)
    catalog.katas.cache_clear()
    yield clone, tables.main
    catalog.katas.cache_clear()


def test_contributing_leads_from_a_new_kata_to_green_audits_and_its_tables(kata, desk) -> None:
    clone, write_tables = desk
    blocks = re.findall(r"```bash\n(.*?)```", CONTRIBUTING, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if re.match("kata |python -m", line)]
    assert [line.split()[:2] for line in lines[:2]] == [["kata", "new"], ["kata", "audit"]]
    for line in lines:
        command, *words = shlex.split(line)
        if command == "kata":
            done = kata(*words)
            assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
            catalog.katas.cache_clear()  # the command is a process of its own
        else:
            assert words[:2] == ["-m", "benchmarks.tables"]
            assert write_tables(words[2:]) == 0, line
    (made,) = catalog.katas()
    for table in ("checks.md", "banks.md"):
        assert f"| `{made.id}` |" in (clone / "docs" / table).read_text(encoding="utf-8")
    assert f"`{made.name}`" in (clone / "README.md").read_text(encoding="utf-8")
    assert f'mypy_path = ["solutions/{made.track}"]' in (clone / "pyproject.toml").read_text(encoding="utf-8")
    assert (clone / f"fixtures/banks/{made.id}.bank").exists()


@pytest.mark.parametrize("name", ["class", "json", "numpy", "reference"])
def test_a_name_that_python_has_already_is_refused(clone: Path, name: str) -> None:
    with pytest.raises(UsageError, match="choose another name"):
        scaffold.new(f"search/{name}", clone)
    assert not (clone / "exercises").exists()


@pytest.mark.parametrize("name", ["a/aaa", "z/zzz"])
def test_a_new_kata_has_its_own_name_everywhere(clone: Path, name: str) -> None:
    made = [clone / path for path in scaffold.new(name, clone)]
    texts = {path: path.read_text(encoding="utf-8") for path in made}
    assert not any(re.search("__[A-Z]+__", text) for text in texts.values())
    checks = texts[clone / f"grader/checks/{name[0]}/test_{name[2:]}.py"]
    imports = re.findall(r"^from (\w+) import", checks, re.MULTILINE)
    assert imports[:-1] == sorted(["hypothesis", "hypothesis", name[2:]])


@pytest.mark.parametrize("again", ["search/query_rewrite", "ads/query_rewrite"])
def test_a_kata_is_never_overwritten_nor_named_twice(clone: Path, again: str) -> None:
    scaffold.new("search/query_rewrite", clone)
    with pytest.raises(UsageError, match="exists; a kata is never overwritten"):
        scaffold.new(again, clone)
    assert not (clone / "exercises/ads").exists()


def test_contributing_names_commands_modules_and_files_that_there_are() -> None:
    commands = set(
        re.findall(r"\bkata ([a-z]+)\b", " ".join(re.findall(r"`[^`]+`|```.*?```", CONTRIBUTING, re.DOTALL)))
    )
    names = {info.name or info.callback.__name__ for info in app.registered_commands}
    assert commands <= names
    assert {"new", "audit"} <= commands
    for module in re.findall(r"python -m (benchmarks[\w.]*)", CONTRIBUTING):
        assert importlib.util.find_spec(module), module
    for path in re.findall(r"`((?:grader|fixtures|tests)/[\w./]+)`", CONTRIBUTING):
        assert (ROOT / path).exists() or "/T/" in path, path
    for link in re.findall(r"\]\(([^)#:]+)\)", CONTRIBUTING):
        assert (ROOT / link).exists(), link
