"""Supervises the fork that judges one submission: holds it to the plan and to its time, and gives it its workers.

A fork reads answers of hostile code. An answer may kill it, keep it busy, or in the worst case take it over. So the
session keeps the plan, the order of the checks, the limits of workers, and the last word.
"""

import contextlib
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from grader import scoring
from grader.judge import messages
from grader.judge.judging import Brief, judge
from grader.judge.plan import Plan, wanted
from grader.judge.slots import Zygote, cpu_of
from grader.judge.supervised_workers import SupervisedWorkers
from grader.judge.validation import checked_seconds, checked_verdict
from grader.model import (
    Event,
    Job,
    Judged,
    Kata,
    KataReport,
    Limits,
    Outcome,
    Planned,
    Reason,
    Running,
    Verdict,
)
from grader.protocol.channel import Pipe
from grader.sandbox.slot import Slot

if TYPE_CHECKING:
    from grader.judge.pytest_plugin import CheckSuite

_TICK = 0.02
"""Seconds between two looks at what a fork and its worker take."""
_SILENCE = 30.0
"""Seconds in which a message that was begun must be whole."""
_OVERRUNS = 2
"""Checks that may take the judge too long before no further one is tried."""


class Supervisor:
    """Judges one submission, from the plan to the report."""

    def __init__(self, kata: Kata, job: Job, slot: Slot, limits: Limits, tell: Callable[[Event], None]) -> None:
        self._kata, self._job, self._slot, self._limits, self._tell = kata, job, slot, limits, tell
        self._zygote = Zygote(slot.control)
        self._workers = SupervisedWorkers(self._zygote)
        self._wanted: Plan = ()
        self._verdicts: list[Verdict] = []
        self._spent = self._dearest_call = 0.0
        self._overruns = 0
        self._fault = ""

    @property
    def slot_is_fine(self) -> bool:
        """Whether the next submission may use the same slot."""
        return not (self._zygote.broken or self._fault)

    def report(self, suite: "CheckSuite", confine: Callable[[], None]) -> KataReport:
        """Judge the submission. `confine` confines the process that calls it."""
        job, began = self._job, time.monotonic()
        checks = tuple(each.check for each in suite.plan)
        self._wanted = wanted(suite.plan, job)
        prepared = suite.examples.prepared
        audited = (prepared.drawn, prepared.unbanked) if job.audit.only_properties else ()
        self._tell(Planned(job.kata, checks, *audited))
        while not self._fault and not self._over():
            self._fork(suite, confine)
        verdicts = tuple(self._verdicts)
        status = scoring.kata_status(checks, verdicts, self._fault)
        return KataReport(
            kata=job.kata,
            status=status,
            checks=checks,
            verdicts=verdicts,
            seconds=time.monotonic() - began,
            cpu_seconds=self._spent,
            dearest_call=self._dearest_call,
            limits=self._limits,
            fault=self._fault,
        )

    def _over(self) -> bool:
        """Whether no check is left to run."""
        if self._job.audit.until_failure and self._verdicts and self._verdicts[-1].outcome is not Outcome.PASSED:
            return True
        if self._overruns >= _OVERRUNS:
            for each in self._wanted[len(self._verdicts) :]:
                self._ruled(Verdict(each.check.name, Outcome.NOT_RUN, reason=Reason("not_run_after_overruns")))
        return len(self._verdicts) == len(self._wanted)

    def _fork(self, suite: "CheckSuite", confine: Callable[[], None]) -> None:
        """Have a fork run the checks that are left, until it ends or is stopped."""
        ours, theirs = socket.socketpair()
        left = self._wanted[len(self._verdicts) :]
        brief = Brief(self._kata, self._job, suite, left, self._limits, self._slot.charged, self._spent, confine)
        pid = os.fork()
        if pid == 0:
            ours.close()
            judge(brief, theirs)
        theirs.close()
        ours.settimeout(_SILENCE)
        try:
            self._running()
            self._serve(pid, Pipe(ours, messages.Said, messages.LARGEST))
        finally:
            ours.close()
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            self._workers.end_all()

    def _serve(self, pid: int, fork: Pipe[messages.Answered, messages.Said]) -> None:
        """Listen to a fork until it has finished, failed, or has to be stopped."""
        poll = select.poll()
        poll.register(fork.socket, select.POLLIN)
        until = time.monotonic() + self._limits.patience * self._limits.submission_seconds + self._most() + 60
        began = cpu_of(pid)
        try:
            while time.monotonic() < until:
                if poll.poll(1000 * _TICK):
                    if self._heard(said := fork.receive(_SILENCE), fork):
                        return
                    began = cpu_of(pid) if isinstance(said, messages.Ruled) else began
                elif cpu_of(pid) - began > self._limits.judge_seconds:
                    self._overrun()
                    return
                else:
                    self._workers.watch()
        except (OSError, EOFError):
            self._fault = f"the judge of this submission ended unexpectedly{_how_it_ended(pid)}"
        except ValueError as error:
            self._fault = f"the judge of this submission spoke nonsense: {error}"
        else:
            self._fault = "the judge of this submission did not end"

    def _most(self) -> float:
        return self._limits.judge_seconds * len(self._wanted)

    def _heard(self, said: messages.Said, fork: Pipe[messages.Answered, messages.Said]) -> bool:
        """Act on a message; True if it was the last. Raises ValueError for one that does not fit the plan."""
        match said:
            case messages.Hire():
                self._workers.hire(fork)
            case messages.Dismiss(number=number, patience=patience):
                fork.send(self._workers.dismiss(number, min(patience, 1.0)))
            case messages.Ruled(verdict=verdict, spent=spent, refuted_by=refuted_by):
                self._spent = max(self._spent, checked_seconds(spent))
                self._ruled(checked_verdict(verdict), refuted_by)
                self._running()
            case messages.Finished(spent=spent, dearest_call=dearest_call):
                self._spent = max(self._spent, checked_seconds(spent))
                self._dearest_call = max(self._dearest_call, checked_seconds(dearest_call))
                if not self._over():
                    raise ValueError("it finished before all checks had ended")
                return True
            case messages.Fault(what=what, trace=trace):
                self._fault = what or "a fault without a name"
                log(trace)
                return True
        return False

    def _ruled(self, verdict: Verdict, refuted_by: tuple[str, bytes] | None = None) -> None:
        if self._next() != verdict.check:
            raise ValueError(f"a verdict on {verdict.check[:80]!r}, where {self._next()!r} is next")
        self._verdicts.append(verdict)
        if self._job.watched:
            self._tell(Judged(self._job.kata, verdict, refuted_by))

    def _next(self) -> str:
        """The check that is being run; none if all have ended."""
        at = len(self._verdicts)
        return self._wanted[at].check.name if at < len(self._wanted) else ""

    def _running(self) -> None:
        if self._job.watched and self._next():
            self._tell(Running(self._job.kata, self._next()))

    def _overrun(self) -> None:
        self._overruns += 1
        seconds = self._limits.judge_seconds
        reason = Reason("looked_at_too_long", {"seconds": seconds})
        self._ruled(Verdict(self._next(), Outcome.TIMED_OUT, reason=reason, seconds=seconds))


def _how_it_ended(pid: int) -> str:
    """How a process has ended, as far as is known. The process is waited for elsewhere."""
    try:
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
    except (ChildProcessError, AttributeError):
        return ""
    if ended is None:
        return ""
    by = "signal" if ended.si_code in (os.CLD_KILLED, os.CLD_DUMPED) else "exit code"
    return f" ({by} {ended.si_status})"


def log(text: str) -> None:
    """Write to standard error, for staff. Nothing depends on it."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
