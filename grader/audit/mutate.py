"""Mutants: small wrong changes to a reference. One that survives means a missing check, or makes no difference."""

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
# Statements whose absence still leaves a program.
_DELETED = (ast.Raise, ast.AugAssign, ast.Expr, ast.Continue, ast.Break)
_PAIR = 2


class Mutant(NamedTuple):
    """One change, and the source that has it."""

    where: str
    """The function and the text of the line. They stay the same when other lines move."""
    change: str
    code: str

    @property
    def name(self) -> str:
        """The key of this mutant in `fixtures/equivalents`."""
        return f"{self.where} | {self.change}"


Change = tuple[str, Callable[[ast.AST], None]]


def mutants(source: str, changes: Callable[[ast.AST], Iterable[Change]] | None = None) -> list[Mutant]:
    """Make every different mutant of a source, in its order. `changes` replaces the changes that an audit makes."""
    tree = ast.parse(source)
    lines = source.splitlines()
    untouched = set(_untouched(tree))
    owners = _owners(tree)
    found: dict[str, Mutant] = {}
    for index, node in enumerate(ast.walk(tree)):
        if node in untouched:
            continue
        for change, edit in (changes or changes_of)(node):
            changed = copy.deepcopy(tree)
            edit(list(ast.walk(changed))[index])
            code = ast.unparse(ast.fix_missing_locations(changed))
            line = lines[node.lineno - 1].strip() if isinstance(node, ast.stmt | ast.expr) else ""
            found.setdefault(code, Mutant(f"{owners.get(node, '')}: {line}", change, code))
    found.pop(ast.unparse(tree), None)
    return list(_told_apart(found.values()))


def _told_apart(mutants: Iterable[Mutant]) -> Iterator[Mutant]:
    """Number equal names: one line may have the same change at two places, and each needs a name of its own."""
    seen: Counter[str] = Counter()
    for mutant in mutants:
        seen[mutant.name] += 1
        number = seen[mutant.name]
        yield mutant if number == 1 else mutant._replace(change=f"{mutant.change}, place {number}")


def changes_of(node: ast.AST) -> Iterator[Change]:
    """List the changes of one node: a description, and a function that edits the same node in a copy of the tree."""
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _ARITHMETIC:
        other = _ARITHMETIC[type(node.op)]
        yield _words(node.op, other), lambda each: setattr(each, "op", other())
    elif isinstance(node, ast.Compare):
        yield from _comparisons(node)
    elif isinstance(node, ast.BoolOp):
        flipped = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield _words(node.op, flipped), lambda each: setattr(each, "op", flipped())
    elif isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.Call) and _has_an_order(node):
        yield "first two arguments swapped", _swap
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield f"{type(node.op).__name__} removed", lambda each: _become(each, each.operand)  # type: ignore[attr-defined]
    if isinstance(node, _DELETED):
        yield "statement deleted", lambda each: _become(each, ast.Pass())


def _comparisons(node: ast.Compare) -> Iterator[Change]:
    for place, operator in enumerate(node.ops):
        for other in _COMPARISONS.get(type(operator), ()):
            yield _words(operator, other), lambda each, place=place, other=other: each.ops.__setitem__(place, other())  # type: ignore[misc]


def _constants(node: ast.Constant) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        yield f"{value} -> {not value}", lambda each: setattr(each, "value", not value)
    elif isinstance(value, int | float):
        for other in (value + 1, value - 1):
            yield f"{value} -> {other}", lambda each, other=other: setattr(each, "value", other)  # type: ignore[misc]


def _has_an_order(call: ast.Call) -> bool:
    symmetric = isinstance(call.func, ast.Name) and call.func.id in ("max", "min")
    return len(call.args) >= _PAIR and not symmetric and not isinstance(call.args[1], ast.Starred)


def _swap(node: ast.AST) -> None:
    if isinstance(node, ast.Call):
        node.args[0], node.args[1] = node.args[1], node.args[0]


def _become(node: ast.AST, other: ast.AST) -> None:
    """Turn a node into another in place. Its parent then needs no edit."""
    node.__class__ = other.__class__
    node.__dict__ = dict(other.__dict__)


def _words(before: object, after: type) -> str:
    return f"{type(before).__name__} -> {after.__name__}"


def _untouched(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes that no caller can notice: annotations, docstrings, messages of exceptions, `strict=` of zip."""
    for node in ast.walk(tree):
        for part in _unnoticed(node):
            if part is not None:
                yield from ast.walk(part)


def _unnoticed(node: ast.AST) -> list[ast.AST | None]:
    if isinstance(node, ast.FunctionDef):
        return [node.returns, *(each.annotation for each in _arguments(node))]
    if isinstance(node, ast.AnnAssign):
        return [node.annotation]
    if isinstance(node, ast.Raise):
        return [node.exc]
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    strict = isinstance(node, ast.keyword) and node.arg == "strict"
    return [node] if docstring or strict else []


def _arguments(function: ast.FunctionDef) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _owners(tree: ast.Module) -> dict[ast.AST, str]:
    """Map each node to the function, class or method that it is in."""
    owners: dict[ast.AST, str] = {}
    for owner in tree.body:
        name = getattr(owner, "name", "module")
        for node in ast.walk(owner):
            owners[node] = name
        for member in owner.body if isinstance(owner, ast.ClassDef) else ():
            for node in ast.walk(member):
                owners[node] = f"{name}.{getattr(member, 'name', '')}".rstrip(".")
    return owners
