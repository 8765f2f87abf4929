"""The files that a kata's checks are made of: what is drawn and what is accepted is written in them."""

import ast
import contextlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from grader.content import catalog
from grader.model import Kata

SHARED = "grader.checks"
"""The package of the modules that checks share."""


def of_checks(kata: Kata) -> list[Path]:
    """The check, and the shared modules that it imports, itself or through another, by their paths.

    A package's `__init__.py` counts where it is imported from, not where it only stands above a module. A file that
    isn't there, or isn't Python, imports nothing: whoever runs it will tell.
    """
    shared: set[Path] = set()
    left = [kata.checks]
    while left:
        new = set(_imported(left.pop())) - shared
        shared |= new
        left += new
    return [kata.checks, *sorted(shared)]


def _imported(file: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError, SyntaxError, ValueError):
        yield from filter(None, map(_file_of, _modules(file.read_bytes())))


@cache
def _modules(source: bytes) -> frozenset[str]:
    return frozenset(name for node in ast.walk(ast.parse(source)) for name in _modules_of(node))


def _modules_of(node: ast.AST) -> list[str]:
    """Names of modules that a statement may import: what comes from a package may be one of its modules."""
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
    return []


def _file_of(module: str) -> Path | None:
    if module != SHARED and not module.startswith(f"{SHARED}."):
        return None
    place = catalog.PACKAGE.joinpath(*module.split(".")[1:])
    return next((file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()), None)
