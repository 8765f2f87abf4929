"""What `kata new` makes is a kata that passes the audit, and CONTRIBUTING.md tells of commands that there are."""

import importlib.util
import re
from pathlib import Path

import pytest

from grader.audit.run import audit
from grader.cli import app
from grader.content import catalog, explanation, scaffold
from grader.model import UsageError
from grader.sandbox.backends import registry

ROOT = Path(__file__).resolve().parents[1]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


@pytest.mark.usefixtures("warm_team")
def test_a_new_kata_is_proved_as_it_is(clone: Path) -> None:
    scaffold.new("search/query_rewrite", clone)
    kata = catalog.read_kata(clone / "exercises/search/query_rewrite.py", clone / "grader/checks")
    assert kata.title == "Query rewrite"
    assert explanation.read(kata).oral
    (proof,) = audit([kata], registry.resolve("auto"), mutants=True)
    assert proof.problems == ()
    assert proof.mutants["killed"] >= 5


@pytest.mark.parametrize("name", ["a/aaa", "z/zzz"])
def test_a_new_kata_has_its_own_name_everywhere(clone: Path, name: str) -> None:
    made = [clone / path for path in scaffold.new(name, clone)]
    texts = {path: path.read_text(encoding="utf-8") for path in made}
    assert not any(re.search("__[A-Z]+__", text) for text in texts.values())
    checks = texts[clone / f"grader/checks/{name[0]}/test_{name[2:]}.py"]
    imports = re.findall(r"^from (\w+) import", checks, re.MULTILINE)
    assert imports[:-1] == sorted(["hypothesis", "hypothesis", name[2:]])


def test_a_kata_is_never_overwritten(clone: Path) -> None:
    scaffold.new("search/query_rewrite", clone)
    with pytest.raises(UsageError, match="exists; a kata is never overwritten"):
        scaffold.new("search/query_rewrite", clone)


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
