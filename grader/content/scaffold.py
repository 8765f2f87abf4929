"""New files: a folder to work in for a learner, the files of a new kata for an author."""

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.content.libraries import stub_line
from grader.model import Kata, UsageError

_NAME = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")


def start(katas: Sequence[Kata], into: Path) -> Iterator[tuple[bool, Path]]:
    """Copy stubs and statements by track; yields each path, and whether it was there already and was kept."""
    if into.exists() and not into.is_dir():
        raise UsageError(f"{into} is a file; name a folder")
    for kata in katas:
        folder = into / kata.track
        folder.mkdir(parents=True, exist_ok=True)
        for source in (kata.stub, kata.statement):
            target = folder / source.name
            kept = target.exists()
            if not kept:
                shutil.copyfile(source, target)
            yield kept, target


def new(name: str, root: Path) -> list[Path]:
    """Write the files of a new kata, filled so far as can be, into a clone. Never overwrites."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} isn't a name for a kata: track/name, in lower case, such as search/query_rewrite")
    if not (root / "pyproject.toml").exists():
        raise UsageError("new katas are written in a clone of the project, installed by `pip install -e .`")
    track, kata = name.split("/")
    title = kata.replace("_", " ").capitalize()
    files = {
        root / path.format(T=track, K=kata): text.format(T=track, K=kata, title=title, may_import=stub_line(["numpy"]))
        for path, text in _FILES.items()
    }
    if there := [path for path in files if path.exists()]:
        raise UsageError(f"{there[0].relative_to(root)} exists; a kata is never overwritten")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [path.relative_to(root) for path in files]


_STATEMENT = """---
title: {title}
questions: [Q1]
level: core
minutes: 30
imports: [numpy]
sources:
  - "Author year, Title, venue: what is taken from it"
---

# {title}

The business setting, in one paragraph: who needs this, and what goes wrong when it is wrong.

## Contract

**`answer(values)`** takes a list of floats and returns a float.
- [A1] The answer is the largest value.
- [A2] An empty list raises `ValueError`.

## Worked examples

`answer([1.0, 3.0, 2.0])` = **3.0**.

## Edges

| call | answer |
|---|---|
| `answer([])` | ValueError |
"""

_EXPLANATION = """---
hints:
  - The idea, as a question.
  - The step, or the shape.
  - Nearly the hard line.
oral:
  - question: When would you not do this?
    rubric: ["absent", "a definition", "mechanism and trade-off", "evidence from practice, a failure mode"]
    must_mention: ["one thing", "another"]
---

# Why it is so

Why it works, its derivation, what it costs, what changes at 10^8, which real library had this bug.
"""

_STUB = '''"""{title}. The task: {K}.md.

{may_import}
"""


def answer(values: list[float]) -> float:
    """Return the largest value. Raises ValueError for an empty list."""
    raise NotImplementedError
'''

_REFERENCE = '''"""{title}: the reference."""


def answer(values: list[float]) -> float:
    """Return the largest value. Raises ValueError for an empty list."""
    if not values:
        raise ValueError("no values")
    return max(values)
'''

_CHECKS = '''"""Hidden checks of {T}/{K}."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from {K} import answer

values = st.lists(st.integers(-8, 8).map(float), min_size=1, max_size=5)


@pytest.mark.examples(spec="A1")
def test_the_largest_value() -> None:
    """The answer is the largest value."""
    assert answer([-2.0, -1.0, -4.0]) == -1.0


@pytest.mark.edges(spec="A2")
def test_nothing_is_refused() -> None:
    """An empty list raises ValueError."""
    with pytest.raises(ValueError):
        answer([])


@pytest.mark.properties(spec="A1")
@given(values)
def test_order_is_irrelevant(given_values: list[float]) -> None:
    """The order of the values changes nothing."""
    assert answer(given_values) == answer(sorted(given_values))
'''

_MISTAKE = '''"""Believes that the last value is the largest.

You took the last value; the list isn't sorted.

Caught by: test_the_largest_value, test_order_is_irrelevant
"""


def answer(values: list[float]) -> float:
    if not values:
        raise ValueError("no values")
    return values[-1]
'''

_ALTERNATIVE = '''"""By a loop."""


def answer(values: list[float]) -> float:
    if not values:
        raise ValueError
    best, *rest = values
    for value in rest:
        best = value if value > best else best
    return best
'''

_FILES = {
    "exercises/{T}/{K}.py": _STUB,
    "exercises/{T}/{K}.md": _STATEMENT,
    "solutions/{T}/{K}.py": _REFERENCE,
    "solutions/{T}/{K}.md": _EXPLANATION,
    "grader/checks/{T}/test_{K}.py": _CHECKS,
    "fixtures/mistakes/{T}/{K}/takes_the_last.py": _MISTAKE,
    "fixtures/alternatives/{T}/{K}/by_a_loop.py": _ALTERNATIVE,
}
