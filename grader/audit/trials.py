"""The trials of an audit: reference, stub, lazy answers, mistakes, alternatives and mutants of a kata."""

import ast
from collections.abc import Iterator

import msgspec

from grader.audit import mutate
from grader.model import ForAudit, Job, Kata, Limits

LAZY = {
    "None": "None",
    "0": "0",
    "0.0": "0.0",
    "''": "''",
    "[]": "[]",
    "{}": "{}",
    "its argument": "_first(args)",
    "zeros of the right shape": "_of_zeros(lambda: CALL)",
}
_LAZY_HEAD = """
def _first(args):
    return args[0] if args else None


def _of_zeros(call):
    try:
        return _zeros(call())
    except Exception:
        return None


def _zeros(answer):
    if type(answer) in (list, tuple, set):
        return type(answer)(map(_zeros, answer))
    if type(answer) is dict:
        return {key: _zeros(value) for key, value in answer.items()}
    try:
        return answer * 0
    except Exception:
        return None
"""
_AMPLE = Limits(submission_seconds=120.0, patience=3.0, judge_seconds=60.0)
"""Long, because hypothesis may search for a smaller example while the machine is busy."""
# Any mutant that ends at all ends within this; one that loops is killed early.
_BRIEF = Limits(call_seconds=2.0, submission_seconds=40.0, patience=3.0, judge_seconds=60.0)
_BRIEF_KERAS = Limits(call_seconds=20.0, submission_seconds=120.0, patience=3.0, judge_seconds=60.0)


class Trial(msgspec.Struct, frozen=True):
    """One submission to judge for an audit."""

    kind: str
    """reference, stub, lazy, mistake, alternative or mutant."""
    name: str
    job: Job


def of(kata: Kata, isolation: str, *, mutants: bool) -> list[Trial]:
    """List all trials of one kata, without or with its mutants."""
    return [*_given(kata, isolation), *(_mutants(kata, isolation) if mutants else ())]


def _given(kata: Kata, isolation: str) -> Iterator[Trial]:
    reference = kata.reference.read_bytes()
    job = Job(kata.id, reference, isolation, limits=_AMPLE)
    for name, seed, hash_seed in (
        ("first", 0, 0),
        ("again", 0, 0),
        ("seed 1", 1, 0),
        ("seed 2", 2, 0),
        ("hash 1", 0, 1),
    ):
        yield Trial("reference", name, msgspec.structs.replace(job, seed=seed, audit=ForAudit(hash_seed=hash_seed)))
    yield Trial("stub", "stub", msgspec.structs.replace(job, code=kata.stub.read_bytes()))
    for path in kata.alternatives:
        yield Trial("alternative", path.stem, msgspec.structs.replace(job, code=path.read_bytes()))
    with_reference = msgspec.structs.replace(job, audit=ForAudit(reference))
    for name, answer in LAZY.items():
        code = _lazy(kata, answer).encode()
        yield Trial("lazy", name, msgspec.structs.replace(with_reference, code=code))
    for path in kata.mistakes:
        yield Trial("mistake", path.stem, msgspec.structs.replace(with_reference, code=path.read_bytes()))


def _mutants(kata: Kata, isolation: str) -> Iterator[Trial]:
    limits = _BRIEF_KERAS if "keras" in kata.imports else _BRIEF
    for mutant in mutate.mutants(kata.reference.read_text(encoding="utf-8")):
        job = Job(kata.id, mutant.code.encode(), isolation, limits=limits, audit=ForAudit(until_failure=True))
        yield Trial("mutant", mutant.name, job)


def _lazy(kata: Kata, answer: str) -> str:
    """Write a submission in which every public function and method returns this expression."""
    lines = ["import reference", _LAZY_HEAD]
    for node in ast.parse(kata.stub.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            lines += _lazy_function(node.name, answer.replace("CALL", f"reference.{node.name}(*args, **kwargs)"), "")
        elif isinstance(node, ast.ClassDef):
            lines.append(f"class {node.name}:")
            lines += [
                "    def __init__(self, *args, **kwargs):",
                f"        self._right = reference.{node.name}(*args, **kwargs)",
            ]
            for member in node.body:
                if isinstance(member, ast.FunctionDef) and not member.name.startswith("_"):
                    call = f"self._right.{member.name}(*args, **kwargs)"
                    lines += _lazy_function(member.name, answer.replace("CALL", call), "    ")
    return "\n".join(lines) + "\n"


def _lazy_function(name: str, answer: str, indent: str) -> list[str]:
    own = "self, " if indent else ""
    return [
        f"{indent}def {name}({own}*args, **kwargs):",
        f"{indent}    return {answer}",
        "",
    ]
