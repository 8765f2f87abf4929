"""Check a kata without running it: its files are there, have their parts, and agree with each other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from grader.banks import shipped
from grader.content import catalog, explanation, front_matter, mistakes, source_files
from grader.content.libraries import LIBRARIES, stub_line
from grader.content.questions import QUESTIONS
from grader.content.source_files import place
from grader.model import GraderError, Group, Kata, Level

TAG = re.compile(r"\[([A-Z]+\d+)\]")
SECTIONS = ("Contract", "Worked examples", "Edges")
MISTAKES = 4
ALTERNATIVES = 2


def broken(kata: Kata) -> list[str]:
    """Name the files that are missing or can't be read, a sentence each. A kata that has any can't be judged."""
    needed = (kata.stub, kata.statement, kata.reference, kata.explanation, kata.checks)
    if missing := [path for path in needed if not path.exists()]:
        return [f"{place(path)} is missing" for path in missing]
    found = []
    for path in (kata.stub, kata.reference, kata.checks):
        try:
            source_files.python(path)
        except GraderError as error:
            found.append(str(error))
    return found


def problems(kata: Kata) -> Iterator[str]:
    """Find everything that is wrong with the files of a kata, a sentence each. None of them may be `broken`."""
    yield from _statement(kata)
    yield from _imports(kata)
    yield from _signatures(kata)
    yield from _rules(kata)
    yield from _explanation(kata)
    yield from _bank(kata)
    yield from _mistakes(kata)
    if len(kata.alternatives) < ALTERNATIVES:
        yield f"it ships {len(kata.alternatives)} alternatives; {ALTERNATIVES} or more are wanted"


def _mistakes(kata: Kata) -> Iterator[str]:
    if len(kata.mistakes) < MISTAKES:
        yield f"it ships {len(kata.mistakes)} mistakes; {MISTAKES} or more are wanted"
    checks = _functions(kata.checks)
    for path in kata.mistakes:
        try:
            mistake = mistakes.read(path)
        except GraderError as error:
            yield str(error)
            continue
        for name in mistake.caught_by:
            if name not in checks:
                yield f"mistake {mistake.name} is to be caught by {name}, and there is no such check"


def _bank(kata: Kata) -> Iterator[str]:
    bank = shipped.read(kata)
    if bank is not None and not shipped.is_of(kata, bank):
        yield f"its example bank is stale: `kata audit --banks {kata.name}` builds it anew"


def _statement(kata: Kata) -> Iterator[str]:
    _, text = front_matter.split(kata.statement)
    for section in SECTIONS:
        if f"\n## {section}" not in text:
            yield f"the statement has no section '## {section}'"
    if kata.level not in tuple(Level):
        yield f"its level is {kata.level!r}; it must be one of {', '.join(Level)}"
    for question in kata.questions:
        if question not in QUESTIONS:
            yield f"it answers {question!r}; the questions are {', '.join(QUESTIONS)}"
    for name in kata.after:
        if name not in {each for other in catalog.katas() for each in (other.id, other.name)}:
            yield f"it comes after {name!r}, which is no kata"


def _imports(kata: Kata) -> Iterator[str]:
    facts, _ = front_matter.split(kata.statement)
    listed = facts.get("imports", [])
    for name in listed if isinstance(listed, list) else [listed]:
        if name not in LIBRARIES:
            yield f"imports lists {name!r}; list only {', '.join(LIBRARIES)}: the standard library is always allowed"
    line = stub_line(kata.imports)
    if line not in (ast.get_docstring(source_files.python(kata.stub)) or "").splitlines():
        yield f"the docstring of the stub must have this line: {line}"


def _signatures(kata: Kata) -> Iterator[str]:
    stub, reference = _public(kata.stub), _public(kata.reference)
    for name in stub.keys() | reference.keys():
        if stub.get(name) != reference.get(name):
            yield f"{name} differs: the stub has {stub.get(name)}, the reference {reference.get(name)}"


def _rules(kata: Kata) -> Iterator[str]:
    _, text = front_matter.split(kata.statement)
    rules = set(TAG.findall(text))
    held: set[str] = set()
    for name, (group, spec, says) in _functions(kata.checks).items():
        if group is None:
            yield f"{name} has no group mark"
            continue
        held |= spec
        if not spec or spec - rules:
            yield f"{name} holds {' '.join(sorted(spec - rules)) or 'no rule'}, which the statement doesn't have"
        if not says:
            yield f"{name} has no docstring: it is the sentence that the learner reads"
    for rule in sorted(rules - held):
        yield f"rule [{rule}] of the statement is held by no check"


def _explanation(kata: Kata) -> Iterator[str]:
    try:
        explanation.read(kata)
    except GraderError as error:
        yield str(error)


def _public(path: Path) -> dict[str, str]:
    """Map public functions and methods to their signatures, without annotations."""
    found: dict[str, str] = {}
    for node in source_files.python(path).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            found[node.name] = _signature(node)
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for member in node.body:
                if isinstance(member, ast.FunctionDef) and (member.name == "__init__" or member.name[0] != "_"):
                    found[f"{node.name}.{member.name}"] = _signature(member)
    return found


def _signature(function: ast.FunctionDef) -> str:
    given = function.args
    names = [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    defaults = [ast.unparse(each) for each in (*given.defaults, *given.kw_defaults) if each is not None]
    return f"({', '.join(names)}; {', '.join(defaults)})"


def _functions(path: Path) -> dict[str, tuple[Group | None, set[str], str]]:
    """Map each check to its group, the rules that it holds, and its docstring."""
    found = {}
    for node in source_files.python(path).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            group, spec = None, set[str]()
            for mark in node.decorator_list:
                words = ast.unparse(mark)
                if words.startswith("pytest.mark.") and (name := words[12:].partition("(")[0]) in list(Group):
                    group = Group(name)
                    spec = _spec_of(mark)
            found[node.name] = (group, spec, ast.get_docstring(node) or "")
    return found


def _spec_of(mark: ast.expr) -> set[str]:
    given = mark.keywords if isinstance(mark, ast.Call) else []
    return {
        rule
        for each in given
        if each.arg == "spec" and isinstance(each.value, ast.Constant)
        for rule in str(each.value.value).split()
    }
