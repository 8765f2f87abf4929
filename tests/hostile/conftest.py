"""What the hostile tests share: the attacks, two runners that try them side by side, and eyes for processes."""

import ast
import ctypes
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from grader.content import catalog
from grader.grading.judge_process import Judge
from grader.judge.messages import Request
from grader.model import Done, GraderError, Job, Kata, KataReport, Limits
from grader.sandbox.backends import registry

CANARY = f"KATA_CANARY_{time.time_ns()}"
"""A secret in the judge's environment and memory, and in another submission."""
BRIEF = Limits(call_seconds=0.4, submission_seconds=1.5, patience=2.0)
"""Time-outs cost little."""
ROOMY = Limits(call_seconds=2.0, submission_seconds=4.0, patience=2.0)
"""To fill memory, or to build a model, takes a while."""
_MADE_UP = Path(__file__).parents[1] / "katas"
_RUNNERS = 3
"""One more than the processors that can be counted on: some attacks do nothing but wait."""
_PR_SET_CHILD_SUBREAPER = 36
_INTERPRETER_FLAGS = [b"-s", b"-S", b"-P", b"-B"]
"""Those of a zygote, and so of its workers."""


class Attack(NamedTuple):
    """A submission of fixtures/hostile, and what its docstring says about it."""

    name: str
    code: bytes
    kata: str
    may_pass: frozenset[str]
    """Names of checks."""
    passes_all_but: frozenset[str]
    """Where it is right about everything else."""
    needs_a_sandbox: str


class Trial(NamedTuple):
    """An attack in one kind of confinement."""

    attack: Attack
    confined: str

    def __str__(self) -> str:
        return f"{self.confined}-{self.attack.name}"


class Tried(NamedTuple):
    """What came of a trial."""

    report: KataReport
    following: KataReport
    """What a right submission got in the same slot, right after."""
    left: list[str]
    """Who was still there then and shouldn't have been."""


def attacks() -> list[Attack]:
    """Every attack that there is."""
    return [_attack(path) for path in sorted((catalog.content_root() / "fixtures" / "hostile").glob("*.py"))]


def _attack(path: Path) -> Attack:
    lines = (ast.get_docstring(ast.parse(path.read_bytes())) or "").splitlines()
    said = dict(line.partition(": ")[::2] for line in lines)
    names = (
        frozenset(said.get(key, "").partition(" (")[0].replace(",", " ").split())
        for key in ("May pass", "May pass all but")
    )
    return Attack(path.stem, path.read_bytes(), said.get("Kata", "user_cf"), *names, said.get("Needs a sandbox", ""))


def kata_called(name: str) -> Kata:
    """A kata of the catalogue, or the made-up one that is judged in no time."""
    if name == "echo":
        return catalog.read_kata(_MADE_UP / "exercises/machine/echo.py", _MADE_UP / "checks")
    return catalog.read_kata(next(catalog.content_root().glob(f"exercises/*/{name}.py")), catalog.checks_root())


def sandbox() -> str | None:
    """The sandbox that KATA_HOSTILE_ISOLATION names, or else the best that this machine has, if any."""
    if named := os.environ.get("KATA_HOSTILE_ISOLATION"):
        return registry.resolve(named)
    try:
        return registry.resolve("auto")
    except GraderError:
        return None


def trials() -> list[Trial]:
    """All attacks in the sandbox; without one, those that do no harm there: the others' docstrings say why not."""
    best, every = sandbox(), attacks()
    bare = [Trial(attack, "bare") for attack in every if not attack.needs_a_sandbox and attack.kata != "esmm"]
    return [*(Trial(attack, best) for attack in every if best), *bare]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for a trial is run for each."""
    if "trial" in metafunc.fixturenames:
        metafunc.parametrize("trial", trials(), ids=str)


class AttackRunner:
    """A judge of its own: one trial after the other, each followed by a right submission in the same slot."""

    def __init__(self) -> None:
        self.judge = Judge()
        self._met: set[tuple[str]] = set()

    def tried(self, trial: Trial) -> Tried:
        """What comes of it."""
        attack, confined = trial
        self._met.add((attack.kata, confined))
        roomy = attack.kata == "esmm" or attack.name.startswith("memory")
        kata = kata_called(attack.kata)
        job = Job(kata.id, attack.code, confined, limits=ROOMY if roomy else BRIEF)
        report = report_of(self.judge, Request(kata, job))
        following = self._right("esmm" if attack.kata == "esmm" else "echo", confined)
        return Tried(report, following, left_by(self.judge))

    def references(self) -> list[KataReport]:
        """What the references get when all attacks are over."""
        return [self._right(*what) for what in self._met]

    def _right(self, name: str, confined: str) -> KataReport:
        kata = kata_called(name)
        secret = f"\n\n_SECRET = '{CANARY}'  # {CANARY}\n".encode()
        return report_of(self.judge, Request(kata, Job(kata.id, kata.reference.read_bytes() + secret, confined)))


def report_of(judge: Judge, request: Request) -> KataReport:
    """What becomes of one job."""
    *_, done = judge.events(request)
    assert isinstance(done, Done)
    return done.report


class Ground:
    """Where all the attacks of this run are tried, several side by side: begun at once, asked for one by one."""

    def __init__(self, chosen: list[Trial]) -> None:
        self.canary = CANARY
        self._tried: dict[str, Future[Tried]] = {str(trial): Future() for trial in chosen}
        # One runner alone starts a slot with Keras in it, which takes seconds.
        heavy = [trial for trial in chosen if trial.attack.kata == "esmm"]
        self._waiting = deque(trial for trial in chosen if trial.attack.kata != "esmm")
        self._runners = [AttackRunner() for _ in range(_RUNNERS)]
        self._hands = ThreadPoolExecutor(_RUNNERS)
        shares = [heavy, *[[] for _ in self._runners[1:]]]
        self._work = [self._hands.submit(self._all, *each) for each in zip(self._runners, shares, strict=True)]

    def tried(self, trial: Trial) -> Tried:
        """What came of it."""
        return self._tried[str(trial)].result()

    @cached_property
    def references(self) -> list[KataReport]:
        """What the references get in each runner when all attacks are over."""
        wait(self._work)
        return [report for found in self._hands.map(AttackRunner.references, self._runners) for report in found]

    def close(self) -> None:
        """End the judges."""
        self._waiting.clear()
        self._hands.shutdown()
        for runner in self._runners:
            runner.judge.close()

    def _all(self, runner: AttackRunner, first: list[Trial]) -> None:
        for trial in chain(first, iter(self._next, None)):
            try:
                self._tried[str(trial)].set_result(runner.tried(trial))
            except Exception as error:  # noqa: BLE001  a test will tell
                self._tried[str(trial)].set_exception(error)

    def _next(self) -> Trial | None:
        try:
            return self._waiting.popleft()
        except IndexError:
            return None


@pytest.fixture(scope="session")
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    """The attacks of this run, being tried."""
    items = [item for item in request.session.items if hasattr(item, "callspec")]
    chosen = {
        str(item.callspec.params["trial"]): item.callspec.params["trial"]
        for item in items
        if "trial" in item.callspec.params
    }
    os.environ["KATA_CANARY"] = CANARY
    ground = Ground(list(chosen.values()))
    yield ground
    ground.close()
    del os.environ["KATA_CANARY"]


@pytest.fixture(scope="session", autouse=True)
def adopted() -> Iterator[Callable[[], list[str]]]:
    """Whatever outlives its parents becomes a child of this process; tells who of them is alive in the end."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if libc:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    before = {pid for pids in cast_of(os.getpid()).values() for pid in pids}  # judges of other tests, which stay warm

    def left() -> list[str]:
        return [f"{part} {pid}" for part, pids in cast_of(os.getpid()).items() for pid in pids if pid not in before]

    def survivors() -> list[str]:
        return waited_for(left)

    yield survivors
    if libc:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def waited_for(left: Callable[[], list[Any]]) -> list[Any]:
    """Who is left after five seconds, or nobody as soon as there is nobody."""
    until = time.monotonic() + 5
    while (found := left()) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def cast_of(judge: int) -> dict[str, list[int]]:
    """The living descendants of a judge by what they do; whoever isn't known is a stranger."""
    parents, texts = _processes()
    family = {judge}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    cast: dict[str, list[int]] = {}
    for pid in family - {judge}:
        cast.setdefault(_part(pid, judge, parents, texts), []).append(pid)
    return cast


def _part(pid: int, judge: int, parents: dict[int, int], texts: dict[int, bytes]) -> str:
    if b"roomy(main)" in texts[pid]:
        if texts[pid].split(b"\0")[1:5] != _INTERPRETER_FLAGS:
            return "host"  # of any backend: the zygote's arguments are among its own
        above = _part(parents[pid], judge, parents, texts) if parents[pid] != judge else "judge"
        return "worker" if above in ("zygote", "worker") else "zygote"
    if b"grader.judge.server" in texts[pid]:
        return "session" if parents[pid] == judge else "submission"
    return "stranger"


def _processes() -> tuple[dict[int, int], dict[int, bytes]]:
    """The parent and the command of every process; the dead that nobody has buried don't count."""
    parents, texts = {}, {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            state, parent, *_ = (entry / "stat").read_bytes().rpartition(b")")[2].split()
            texts[int(entry.name)] = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if state != b"Z":
            parents[int(entry.name)] = int(parent)
    return parents, texts


def left_by(judge: Judge) -> list[str]:
    """Workers and strangers that are there though nothing is judged."""
    process = judge._process
    assert process is not None

    def left() -> list[str]:
        cast = cast_of(process.pid)
        return [f"{part} {pid}" for part in ("worker", "stranger", "submission") for pid in cast.get(part, [])]

    return waited_for(left)


@pytest.fixture(scope="session")
def confined() -> str:
    """The best confinement that there is."""
    return sandbox() or "bare"


@pytest.fixture(scope="session")
def echo() -> Kata:
    """The made-up kata."""
    return kata_called("echo")


@pytest.fixture(scope="session")
def attack() -> Callable[[str], Attack]:
    """One attack by name."""
    return {attack.name: attack for attack in attacks()}.__getitem__


@pytest.fixture(scope="session")
def kata() -> Callable[[str], Kata]:
    """One kata by name."""
    return kata_called


@pytest.fixture(scope="session")
def cast() -> Callable[[int], dict[str, list[int]]]:
    """Who descends from a process, by what they do."""
    return cast_of


@pytest.fixture(scope="session", name="waited_for")
def _waited_for() -> Callable[[Callable[[], list[Any]]], list[Any]]:
    """Who is left after five seconds."""
    return waited_for


@pytest.fixture(scope="session")
def graded() -> Callable[[Judge, Request], KataReport]:
    """What becomes of one job."""
    return report_of
