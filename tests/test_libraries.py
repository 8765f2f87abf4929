"""Statement, stub and worker agree on what a kata may import."""

import ast
import sys

import pytest

from grader.content import catalog, front_matter
from grader.content.libraries import LIBRARIES, stub_line
from grader.sandbox.inside.courtesy import DOES_THE_TASK, Imports

KATAS = {kata.id: kata for kata in catalog.katas()}


@pytest.mark.parametrize("name", KATAS)
def test_statement_and_stub_say_the_same(name: str) -> None:
    kata = KATAS[name]
    facts, _ = front_matter.split(kata.statement)
    assert facts["imports"] == [each for each in LIBRARIES if each in kata.imports]
    lines = (ast.get_docstring(ast.parse(kata.stub.read_text(encoding="utf-8"))) or "").splitlines()
    assert stub_line(kata.imports) in lines
    assert all(len(line) <= 120 for line in lines)


@pytest.mark.parametrize("name", KATAS)
def test_a_stub_imports_only_what_it_may(name: str) -> None:
    kata, tree = KATAS[name], ast.parse(KATAS[name].stub.read_text(encoding="utf-8"))
    imported = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)}
    tops = {each.partition(".")[0] for each in imported}
    assert tops <= {*kata.imports, *sys.stdlib_module_names}


@pytest.mark.parametrize("name", KATAS)
def test_the_worker_refuses_all_others(name: str) -> None:
    imports = Imports(KATAS[name].name, KATAS[name].imports)
    for library in LIBRARIES:
        if library in KATAS[name].imports:
            assert imports.checked(library, (), 0, lambda: "loaded") == "loaded"
        else:
            with pytest.raises(ImportError, match=f"imports the task .*library {library},"):
                imports.checked(library, (), 0, lambda: "loaded")


def test_what_a_kata_may_forbid_does_the_task() -> None:
    assert set(LIBRARIES) <= DOES_THE_TASK


def test_the_line_of_a_stub() -> None:
    assert stub_line(["numpy"]) == (
        "You may import the standard library and numpy; no other library, such as pandas, scipy, sklearn or keras."
    )
    assert stub_line(LIBRARIES).endswith("sklearn and keras; no other library.")
