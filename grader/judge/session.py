"""A session: a fork that has collected one kata's checks. Each submission is judged in a fork of the session."""

import contextlib
import os
import signal
import socket
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from grader.banks import cache, shipped
from grader.judge.confinement import confiner
from grader.judge.messages import Ended, fault
from grader.judge.pytest_plugin import CheckSuite, collect_and
from grader.judge.supervisor import Supervisor, log
from grader.model import Event, Job, Kata
from grader.process import die_with_parent
from grader.protocol.channel import Pipe
from grader.sandbox.slot import Slot

Reply = Event | Ended
"""What a session sends for a job: events, then its last word."""


class Session:
    """The judge's end of a session."""

    def __init__(self, kata: Kata, slot: Slot, forget: Callable[[], None]) -> None:
        self.slot = slot
        ours, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            try:
                forget()
                _run(kata, slot, Pipe(theirs, Job))
            finally:
                os._exit(1)
        theirs.close()
        self.link: Pipe[Job, Reply] = Pipe(ours, Reply)

    def judge(self, job: Job, tell: Callable[[Event], None]) -> Ended:
        """Have a submission judged. Raises EOFError or OSError where the session is gone."""
        self.link.send(job)
        while True:
            reply = self.link.receive()
            if isinstance(reply, Ended):
                return reply
            tell(reply)

    def end(self) -> None:
        """End it and whatever it has forked."""
        self.link.close()
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


def _run(kata: Kata, slot: Slot, link: Pipe[Reply, Job]) -> NoReturn:
    die_with_parent()
    confine: dict[str, Callable[[], None]] = {}

    def loop(suite: CheckSuite) -> None:
        with contextlib.suppress(EOFError, ConnectionError):
            while True:
                job = link.receive()
                if job.isolation not in confine:
                    confine[job.isolation] = confiner(job.isolation, _read_by_checks(kata))
                link.send(_judged(kata, job, slot, link, suite, confine[job.isolation]))
        os._exit(0)  # the judge has gone

    try:
        collect_and(kata, loop)
    except BaseException as error:  # noqa: BLE001  whatever it is, it is our fault and has to be reported
        with contextlib.suppress(EOFError, OSError):
            link.receive()
            link.send(Ended(fault(kata.id, error), slot_is_fine=True))
    os._exit(1)


def _read_by_checks(kata: Kata) -> list[Path]:
    """What checks may read while they run, besides libraries."""
    packages = [folder / "__init__.py" for folder in kata.checks.parents]
    # pytest imports the packages that a check is in when it is run
    return [kata.checks.parent, cache.home() / "hypothesis", *(file for file in packages if file.exists())]


def _judged(
    kata: Kata, job: Job, slot: Slot, link: Pipe[Reply, Job], suite: CheckSuite, confine: Callable[[], None]
) -> Ended:
    try:
        suite.examples.prepare(kata, job)
        limits = job.limits or shipped.limits(kata, job.limit_scale)
        supervisor = Supervisor(kata, job, slot, limits, link.send)
        report = supervisor.report(suite, confine)
    except (EOFError, ConnectionError):
        raise
    except BaseException as error:  # noqa: BLE001  our fault is never their zero
        log(traceback.format_exc())
        return Ended(fault(kata.id, error), slot_is_fine=False)
    return Ended(report, supervisor.slot_is_fine)
