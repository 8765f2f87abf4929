"""The trusted side of grading, in a process of its own: `python -m grader.judge`, with a socket as standard input.

It is warm once: pytest and hypothesis imported, slots up. For each kata it forks a session that collects the checks
once; for each submission the session forks again, and that fork judges, streams its events to whoever asked, and ends.
"""

import contextlib
import gc
import importlib
import os
import resource
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

import msgspec

from grader import scoring
from grader.isolation import Slot
from grader.learner.borrowed import attach
from grader.learner.pool import PROFILES, Zygote, profile_of
from grader.model import (
    Done,
    Event,
    GraderError,
    Job,
    Judged,
    Kata,
    KataReport,
    Outcome,
    Planned,
    Running,
    Status,
    Verdict,
)
from grader.pipe import Pipe

_SESSIONS = 8
"""Katas whose checks are kept collected."""
_MEMORY = 4 << 30
"""Bytes for judging one submission."""
_FINE, _DOUBTFUL, _GONE = b"+", b"-", b""


class Lane:
    """One judge with its slots: one submission at a time."""

    def __init__(self, events: Pipe[Event, Job]) -> None:
        self.events = events
        self._slots: dict[str, Slot] = {}
        self._sessions: dict[Kata, Session] = {}

    def judge(self, job: Job) -> None:
        """Judge one submission; its last event is Done, whatever happens."""
        try:
            session = self._session(job)
            session.jobs.send(job)
            told = session.jobs.socket.recv(1)
        except (GraderError, EOFError, OSError) as error:
            self._drop(job.kata)
            self.events.send(_fault(job.kata, str(error)))
            return
        if told == _GONE:
            self._drop(job.kata)
            self.events.send(_fault(job.kata, "the judge ended unexpectedly"))
        if told != _FINE:
            self._renew(_slot_of(job))

    def close(self) -> None:
        """End everything."""
        for kata in list(self._sessions):
            self._drop(kata)
        for slot in self._slots.values():
            slot.close()

    def forget(self) -> None:
        """In a fork: let go of what is another's."""
        self.events.close()
        for slot in self._slots.values():
            slot.forget()
        self._slots, self._sessions = {}, {}

    def start_slot(self, job: Job) -> str:
        """Start the slot that a job needs, without waiting for it."""
        name = _slot_of(job)
        if name not in self._slots:
            settings = msgspec.structs.replace(PROFILES[profile_of(job.kata)], hash_seed=job.hash_seed)
            self._slots[name] = Slot(settings, job.isolation)
        return name

    def _session(self, job: Job) -> "Session":
        name = self.start_slot(job)
        slot = self._slots[name]
        session = self._sessions.pop(job.kata, None)
        if session is None or session.slot is not slot:
            if session is not None:
                session.end()
            while len(self._sessions) >= _SESSIONS:
                self._drop(next(iter(self._sessions)))
            session = Session(job.kata, slot, self.events)
        self._sessions[job.kata] = session
        if not slot.ready:
            try:
                slot.wait_until_ready()
            except GraderError:
                self._renew(name)
                raise
        return session

    def _drop(self, kata: Kata) -> None:
        if (session := self._sessions.pop(kata, None)) is not None:
            session.end()

    def _renew(self, name: str) -> None:
        """When anything about a slot is in doubt, it is ended; the next job gets a new one."""
        if (slot := self._slots.pop(name, None)) is not None:
            slot.close()


class Session:
    """A fork that has collected one kata's checks, and forks for each submission."""

    def __init__(self, kata: Kata, slot: Slot, events: Pipe[Event, Job]) -> None:
        self.slot = slot
        ours, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            _run_session(kata, slot, Pipe(theirs, Job), events)
        theirs.close()
        self.jobs: Pipe[Job, Any] = Pipe(ours, Any)

    def end(self) -> None:
        """End it and whatever it has forked."""
        self.jobs.close()
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass


class _Bench(NamedTuple):
    """What a fork that judges one submission works with."""

    kata: Kata
    slot: Slot
    events: Pipe[Event, Job]


def _run_session(kata: Kata, slot: Slot, jobs: Pipe[Any, Job], events: Pipe[Event, Job]) -> NoReturn:
    from grader import pytest_plugin  # noqa: PLC0415  imported long before the fork

    _die_with_parent()
    bench = _Bench(kata, slot, events)

    def loop(runner: Any, plan: Any) -> None:
        try:
            while True:
                jobs.socket.sendall(_in_a_fork(bench, runner, plan, jobs.receive()))
        except (EOFError, ConnectionError):
            os._exit(0)  # nobody asks any more

    try:
        pytest_plugin.collect_and(kata, loop)
    except BaseException as error:  # noqa: BLE001  whatever it is, it is ours to tell
        _job_or_nothing(jobs)
        events.send(_fault(kata, str(error) or type(error).__name__))
        jobs.socket.sendall(_FINE)
    os._exit(1)


def _job_or_nothing(jobs: Pipe[Any, Job]) -> None:
    """Take the job that can't be done off the pipe."""
    try:
        jobs.receive()
    except EOFError:
        os._exit(1)


def _in_a_fork(bench: _Bench, runner: Any, plan: Any, job: Job) -> bytes:
    """Judge one submission in a fork; tell whether the slot can be used again."""
    runner.prepare(plan, job)
    pid = os.fork()
    if pid == 0:
        _die_with_parent()
        if sys.platform == "linux":
            # What a check gathers of a learner's answers is bounded too: then it has failed, and the machine has not.
            resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
        try:
            os._exit(_judge(bench, runner, plan, job))
        except ConnectionError:
            os._exit(0)  # nobody listens any more
    patience = job.limits.patience * job.limits.submission_seconds + 60
    pidfd = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
    if pidfd is not None:
        if not select.select([pidfd], [], [], patience)[0]:
            os.kill(pid, signal.SIGKILL)
        os.close(pidfd)
    _, status = os.waitpid(pid, 0)
    if status in (0, 256):
        return _FINE if status == 0 else _DOUBTFUL
    bench.events.send(_fault(job.kata, f"the judge of this submission ended unexpectedly ({status})"))
    return _DOUBTFUL


def _judge(bench: _Bench, runner: Any, plan: Any, job: Job) -> int:
    """Judge one submission. Exit code 0 if the slot is as good as new, 1 if it is in doubt."""
    from grader.learner.submitted import Code, Submitted  # noqa: PLC0415  imported long before the fork

    kata, began = job.kata, time.monotonic()
    checks = tuple(each.check for each in plan)
    audited = (runner.prepared.drawn, runner.prepared.unbanked) if job.only_properties else ()
    bench.events.send(Planned(kata.id, checks, *audited))
    verdicts: list[Verdict] = []
    fault, spent = "", 0.0
    zygote = Zygote(bench.slot.control, bench.slot.host.pid)
    try:
        code = Code(kata.name, job.code, kata.imports, job.reference)
        submitted = Submitted(zygote, code, job.limits, referee=profile_of(kata) == "keras")
        attach(submitted)
        runner.begin(submitted, plan, job)
        run = [each for each in plan if each.properties] if job.only_properties else plan
        verdicts.extend(_verdicts(bench, runner, run, job))
        spent = submitted.cost()
        submitted.close()
    except BaseException as error:  # noqa: BLE001  our fault is never their zero
        fault = f"{type(error).__name__}: {error}"
        sys.stderr.write("".join(traceback.format_exception(error)))
    status = scoring.kata_status(checks, verdicts, fault)
    report = KataReport(kata.id, status, checks, tuple(verdicts), time.monotonic() - began, spent, fault)
    bench.events.send(Done(kata.id, report))
    return int(zygote.broken or bool(fault))


def _verdicts(bench: _Bench, runner: Any, plan: Any, job: Job) -> Iterator[Verdict]:
    for each, following in zip(plan, [*plan[1:], None], strict=True):
        if job.watched:
            bench.events.send(Running(bench.kata.id, each.check.name))
        started = time.monotonic()
        verdict = runner.verdict(each, following.items[0] if following else None)
        verdict = msgspec.structs.replace(verdict, seconds=time.monotonic() - started)
        if job.watched:
            refuted_by = None if verdict.outcome is Outcome.PASSED else runner.refuted_by
            bench.events.send(Judged(bench.kata.id, verdict, refuted_by))
        yield verdict
        if job.until_failure and verdict.outcome is not Outcome.PASSED:
            return


def _slot_of(job: Job) -> str:
    return f"{profile_of(job.kata)} {job.isolation} {job.hash_seed}"


def _fault(kata: Kata, why: str) -> Done:
    return Done(kata.id, KataReport(kata.id, Status.ERROR, fault=why))


def _die_with_parent() -> None:
    parent = os.getppid()
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def main() -> None:
    """Judge until whoever asked hangs up: on standard input, and on each socket named, in a fork for each."""
    _die_with_parent()
    events: Pipe[Event, Job] = Pipe(socket.socket(fileno=os.dup(0)), Job)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123  the socket is open once, so that its end is noticed
        os.dup2(nothing.fileno(), 0)
    others = [socket.socket(fileno=int(number)) for number in sys.argv[1:]]
    lane, forks = Lane(events), []
    try:
        job = _imported(lane)
        while others:
            forks.append(_forked(others, lane))
            others.pop().close()
        _serve(lane, job)
    except EOFError:
        pass
    finally:
        lane.close()
        for pid in forks:  # they end when this does
            os.waitpid(pid, 0)


def _imported(lane: Lane) -> Job | None:
    """Import everything; if a job comes meanwhile, start its slot, whose imports then run while ours do."""
    job = None
    for name in ("numpy", "hypothesis", "pytest", "grader.pytest_plugin"):
        if job is None and select.select([lane.events.socket], [], [], 0)[0]:
            job = lane.events.receive()
            lane.start_slot(job)
        importlib.import_module(name)
    from grader import pytest_plugin  # noqa: PLC0415
    from grader.banks import cache  # noqa: PLC0415

    pytest_plugin.hypothesis_home(cache.home() / "hypothesis")
    gc.collect()
    gc.freeze()  # forks need not look through what they share
    return job


def _forked(others: list[socket.socket], first: Lane) -> int:
    """A fork that judges for whoever holds the other end of the last of these sockets."""
    pid = os.fork()
    if pid:
        return pid
    try:
        _die_with_parent()
        first.forget()
        end = others.pop()
        for other in others:
            other.close()
        lane = Lane(Pipe(end, Job))
        with contextlib.suppress(EOFError, ConnectionError):
            _serve(lane)
        lane.close()
    finally:
        os._exit(0)


def _serve(lane: Lane, job: Job | None = None) -> NoReturn:
    """Judge what is asked for. Raises EOFError when nobody asks any more."""
    while True:
        lane.judge(job or lane.events.receive())
        job = None


if __name__ == "__main__":
    main()
