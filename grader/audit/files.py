"""What can be seen of a kata without running it: its files, their parts, and whether they agree."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from grader.banks import shipped
from grader.content import catalog
from grader.content.libraries import LIBRARIES, stub_line
from grader.model import GraderError, Group, Kata, Level, Outcome

TAG = re.compile(r"\[([A-Z]+\d+)\]")
SECTIONS = ("Contract", "Worked examples", "Edges")
HINTS = 3
GRADES = 4
MISTAKES = 4
ALTERNATIVES = 2
_KILL = re.compile(r"(test_\w+)(?:\s*\((raised|timed out|crashed)\))?", re.IGNORECASE)
_OUTCOMES = {"": Outcome.FAILED, **{outcome.value.replace("_", " "): outcome for outcome in Outcome}}


class Mistake(NamedTuple):
    """What the docstring of a wrong solution says."""

    name: str
    believes: str
    message: str
    caught_by: dict[str, Outcome]
    """Checks that must kill it, and how."""


def problems(kata: Kata) -> Iterator[str]:
    """Everything that is wrong with the files of a kata, a sentence each."""
    missing = [
        path for path in (kata.stub, kata.statement, kata.reference, kata.explanation, kata.checks) if not path.exists()
    ]
    if missing:
        yield from (f"{path.name} is missing in {path.parent.name}/" for path in missing)
        return
    yield from _statement(kata)
    yield from _imports(kata)
    yield from _signatures(kata)
    yield from _rules(kata)
    yield from _explanation(kata)
    yield from _bank(kata)
    if len(kata.mistakes) < MISTAKES:
        yield f"it ships {len(kata.mistakes)} mistakes; {MISTAKES} or more are wanted"
    if len(kata.alternatives) < ALTERNATIVES:
        yield f"it ships {len(kata.alternatives)} alternatives; {ALTERNATIVES} or more are wanted"
    for path in kata.mistakes:
        try:
            mistake = read_mistake(path)
        except GraderError as error:
            yield str(error)
            continue
        for name in mistake.caught_by:
            if name not in _functions(kata.checks):
                yield f"mistake {mistake.name} is to be caught by {name}, and there is no such check"


def _bank(kata: Kata) -> Iterator[str]:
    bank = shipped.read(kata)
    if bank is not None and not shipped.is_of(kata, bank):
        yield f"its example bank is stale: `kata audit --banks {kata.name}` builds it anew"


def read_mistake(path: Path) -> Mistake:
    """Read a wrong solution's docstring: what it believes, the message, who catches it."""
    words = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    parts = [" ".join(part.split()) for part in words.split("\n\n")]
    if len(parts) < 3 or not parts[-1].startswith("Caught by:"):  # noqa: PLR2004  the three parts
        raise GraderError(
            f"mistake {path.stem}: its docstring wants three parts: what it believes, the message, `Caught by: test_x`"
        )
    caught_by = {name: _OUTCOMES[how.lower()] for name, how in _KILL.findall(parts[-1])}
    return Mistake(path.stem, parts[0], " ".join(parts[1:-1]), caught_by)


def _statement(kata: Kata) -> Iterator[str]:
    _, text = catalog.front_matter(kata.statement)
    for section in SECTIONS:
        if f"\n## {section}" not in text:
            yield f"the statement has no section '## {section}'"
    if kata.level not in tuple(Level):
        yield f"its level is {kata.level!r}; it must be one of {', '.join(Level)}"
    for name in kata.after:
        if name not in {each for other in catalog.katas() for each in (other.id, other.name)}:
            yield f"it comes after {name!r}, which is no kata"


def _imports(kata: Kata) -> Iterator[str]:
    facts, _ = catalog.front_matter(kata.statement)
    listed = facts.get("imports", [])
    for name in listed if isinstance(listed, list) else [listed]:
        if name not in LIBRARIES:
            yield f"imports lists {name!r}; list only {', '.join(LIBRARIES)}: the standard library is always allowed"
    line = stub_line(kata.imports)
    if line not in (ast.get_docstring(ast.parse(kata.stub.read_text(encoding="utf-8"))) or "").splitlines():
        yield f"the docstring of the stub must have this line: {line}"


def _signatures(kata: Kata) -> Iterator[str]:
    stub, reference = _public(kata.stub), _public(kata.reference)
    for name in stub.keys() | reference.keys():
        if stub.get(name) != reference.get(name):
            yield f"{name} differs: the stub has {stub.get(name)}, the reference {reference.get(name)}"


def _rules(kata: Kata) -> Iterator[str]:
    _, text = catalog.front_matter(kata.statement)
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
    facts, _ = catalog.front_matter(kata.explanation)
    hints, cards = facts.get("hints"), facts.get("oral")
    if not isinstance(hints, list) or len(hints) != HINTS:
        yield f"the explanation's front matter wants {HINTS} hints"
    if not isinstance(cards, list) or not cards:
        yield "the explanation's front matter wants oral cards"
        return
    for card in cards:
        if not isinstance(card, dict) or not card.get("question") or not card.get("must_mention"):
            yield "an oral card wants a question, a rubric and must_mention"
        elif len(card.get("rubric", ())) != GRADES:
            yield f"the oral card {card['question']!r} wants a rubric of {GRADES} grades, 0 to 3"


def _public(path: Path) -> dict[str, str]:
    """Signatures of public functions, and of the public methods of public classes, without annotations."""
    found: dict[str, str] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
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
    """The checks: group, rules held, sentence."""
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
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
