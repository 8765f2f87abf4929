"""The mutants of one module of the grader."""

import ast
import random
from collections.abc import Iterator

from grader.audit import mutate
from grader.audit.mutate import Change, Mutant

_OTHER = "another word"


def sampled(source: str, module: str, most: int, seed: int) -> tuple[list[Mutant], int]:
    """At most so many mutants of a module, the same for the same seed, in the order of the source; and of how many."""
    found = mutate.mutants(source, changes)
    chosen = random.Random(f"{seed} {module}").sample(range(len(found)), min(most, len(found)))
    return [found[index] for index in sorted(chosen)], len(found)


def unchanged(source: str) -> str:
    """The module as a mutant of it is written, but right."""
    return ast.unparse(ast.parse(source))


def changes(node: ast.AST) -> Iterator[Change]:
    """What an audit does to a reference, and what matters in a grader: words, conditions, assignments to a part."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return  # nearly always a union of types
    yield from mutate.changes_of(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
        yield "other words", lambda each: setattr(each, "value", _OTHER)
    if isinstance(node, ast.If | ast.While | ast.IfExp) and not _is_negation(node.test):
        yield "condition negated", _negate
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute | ast.Subscript):
        yield "statement deleted", _delete


def _is_negation(test: ast.expr) -> bool:
    """What other changes negate already."""
    return isinstance(test, ast.Compare | ast.UnaryOp) or (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING")


def _negate(node: ast.AST) -> None:
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        node.test = ast.UnaryOp(ast.Not(), node.test)


def _delete(node: ast.AST) -> None:
    node.__class__ = ast.Pass
    node.__dict__ = {}
