"""A judge in a process of its own: `python -m grader.judge.server`, with a socket as standard input.

It is warm once: pytest and hypothesis imported, slots up. For each kata it forks a session that collects the checks
once; for each submission the session forks again, and that fork judges, watched by its session, and ends.
"""

import contextlib
import gc
import importlib
import os
import select
import socket
import sys
from typing import TYPE_CHECKING, NoReturn

import msgspec

from grader.judge.messages import Ended, Request, fault
from grader.judge.slots import PROFILES, profile_of
from grader.model import Done, Event, GraderError, Kata
from grader.process import die_with_parent
from grader.protocol.channel import Pipe
from grader.sandbox.slot import Slot

if TYPE_CHECKING:
    from grader.judge.session import Session

_SESSIONS = 32
"""Katas whose sessions are kept."""
_ATTEMPTS = 2
"""Attempts at a job: what fails by our fault is tried once more, in a new slot."""


class JudgeServer:
    """One judge with its slots: one submission at a time."""

    def __init__(self, events: Pipe[Event, Request]) -> None:
        self.events = events
        self._slots: dict[str, Slot] = {}
        self._sessions: dict[Kata, Session] = {}

    def judge(self, request: Request) -> None:
        """Judge one submission; its last event is Done, whatever happens."""
        kata, job = request.kata, request.job
        for _ in range(_ATTEMPTS):
            ended = self._attempt(request)
            if not ended.slot_is_fine:
                self._renew(_slot_of(request))
            if not ended.report.fault:
                break
            self._drop(kata)
        self.events.send(Done(job.kata, ended.report))

    def close(self) -> None:
        """End everything."""
        for kata in list(self._sessions):
            self._drop(kata)
        for slot in self._slots.values():
            slot.close()

    def forget(self, but: Slot | None = None) -> None:
        """In a fork: close the descriptors inherited from the parent, but for those of one slot."""
        self.events.close()
        for session in self._sessions.values():
            session.link.close()
        for slot in self._slots.values():
            if slot is not but:
                slot.forget()
        self._slots, self._sessions = {}, {}

    def start_slot(self, request: Request) -> str:
        """Start the slot that a job needs, without waiting for it."""
        kata, job = request.kata, request.job
        name = _slot_of(request)
        if name not in self._slots:
            settings = msgspec.structs.replace(PROFILES[profile_of(kata)], hash_seed=job.audit.hash_seed)
            self._slots[name] = Slot(settings, job.isolation)
        return name

    def _attempt(self, request: Request) -> Ended:
        """Have a session judge it. A session that is gone, or can't be had, is a fault."""
        kata, job = request.kata, request.job
        try:
            return self._session(request).judge(job, self.events.send)
        except EOFError:
            self._drop(kata)
            return Ended(fault(kata.id, "the session of this kata ended unexpectedly"), slot_is_fine=False)
        except (GraderError, OSError, ValueError) as error:
            self._drop(kata)
            return Ended(fault(kata.id, error), slot_is_fine=False)

    def _session(self, request: Request) -> "Session":
        from grader.judge.session import Session  # noqa: PLC0415  imports numpy, while the slot starts

        kata, name = request.kata, self.start_slot(request)
        slot = self._slots[name]
        session = self._sessions.pop(kata, None)
        if session is None or session.slot is not slot:
            if session is not None:
                session.end()
            while len(self._sessions) >= _SESSIONS:
                self._drop(next(iter(self._sessions)))
            session = Session(kata, slot, lambda: self.forget(slot))
        self._sessions[kata] = session
        if not slot.ready:
            slot.wait_until_ready()
        return session

    def _drop(self, kata: Kata) -> None:
        if (session := self._sessions.pop(kata, None)) is not None:
            session.end()

    def _renew(self, name: str) -> None:
        """End a slot of which anything is in doubt. The next job gets a new one."""
        if (slot := self._slots.pop(name, None)) is not None:
            slot.close()


def _slot_of(request: Request) -> str:
    return f"{profile_of(request.kata)} {request.job.isolation} {request.job.audit.hash_seed}"


def main() -> None:
    """Judge until the command hangs up: on standard input, and in a fork for each socket named as an argument."""
    die_with_parent()
    events: Pipe[Event, Request] = Pipe(socket.socket(fileno=os.dup(0)), Request)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123  the socket is open once, so that its end is noticed
        os.dup2(nothing.fileno(), 0)
    others = [socket.socket(fileno=int(number)) for number in sys.argv[1:]]
    server, forks = JudgeServer(events), []
    try:
        request = _imported(server)
        while others:
            forks.append(_forked(others, server))
            others.pop().close()
        _serve(server, request)
    except (EOFError, ConnectionError):
        pass
    finally:
        server.close()
        for pid in forks:  # they end when this does
            os.waitpid(pid, 0)


def _imported(server: JudgeServer) -> Request | None:
    """Import everything. If a job comes meanwhile, start its slot: its imports then run while ours do."""
    request = None
    for name in ("numpy", "hypothesis", "pytest", "grader.judge.pytest_plugin", "grader.judge.session"):
        if request is None and select.select([server.events.socket], [], [], 0)[0]:
            request = server.events.receive()
            with contextlib.suppress(GraderError, OSError):  # the job itself will report it
                server.start_slot(request)
        importlib.import_module(name)
    from grader.banks import cache  # noqa: PLC0415
    from grader.judge import hypothesis_profile  # noqa: PLC0415

    hypothesis_profile.set_home(cache.home() / "hypothesis")
    gc.collect()
    gc.freeze()  # forks need not look through what they share
    return request


def _forked(others: list[socket.socket], first: JudgeServer) -> int:
    """Fork a judge for the last of these sockets. Returns its process id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        die_with_parent()
        first.forget()
        end = others.pop()
        for other in others:
            other.close()
        server = JudgeServer(Pipe(end, Request))
        with contextlib.suppress(EOFError, ConnectionError):
            _serve(server)
        server.close()
    finally:
        os._exit(0)


def _serve(server: JudgeServer, request: Request | None = None) -> NoReturn:
    """Judge each request. Raises EOFError when the command hangs up."""
    while True:
        server.judge(request or server.events.receive())
        request = None


if __name__ == "__main__":
    main()
