"""The fork that judges one submission: asks its workers, runs the checks, sends its session a verdict on each.

No other trusted process looks at what a learner's code answers. Before it does, it gives up every right that it can.
"""

import os
import resource
import socket
import sys
import time
import traceback
from collections.abc import Callable
from typing import NamedTuple, NoReturn

import msgspec

from grader.judge import messages
from grader.judge.check_runner import CheckRunner
from grader.judge.loading import Code
from grader.judge.plan import Plan
from grader.judge.proxies import attach
from grader.judge.pytest_plugin import CheckSuite
from grader.judge.remote_module import RemoteModule
from grader.judge.slots import Ended, Started, profile_of
from grader.judge.workers import Workers
from grader.model import GraderError, Job, Kata, Limits, Outcome, Verdict
from grader.process import die_with_parent
from grader.protocol.channel import Pipe
from grader.sandbox.backends import registry
from grader.text import encodable

_MEMORY = 4 << 30
"""Bytes for judging one submission: what a check gathers of a learner's answers is bounded too."""
_LIMITS = {
    resource.RLIMIT_DATA: _MEMORY,
    resource.RLIMIT_AS: 4 * _MEMORY,  # page tables are nobody's memory, and maps that are only read are no data
    resource.RLIMIT_NOFILE: 64,
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_CORE: 0,
}
_TRACE = 20_000


class Brief(NamedTuple):
    """What there is to do for one fork."""

    kata: Kata
    job: Job
    suite: CheckSuite
    checks: Plan
    """Those that are left to run."""
    limits: Limits
    host: int
    """The process of the workers' sandbox whose CPU seconds count too."""
    spent: float
    """CPU seconds of the submission in earlier forks."""
    confine: Callable[[], None]


def judge(brief: Brief, end: socket.socket) -> NoReturn:
    """Judge in this process, which ends with it. The session is told of a failure, or sees that the process ended."""
    session: Pipe[messages.Said, messages.Answered] = Pipe(end, messages.Answered)
    try:
        _give_up(brief, end)
        try:
            _run(brief, session)
        except (EOFError, ConnectionError):
            raise
        except BaseException as error:  # noqa: BLE001  our fault is never their zero
            trace = "".join(traceback.format_exception(error))[-_TRACE:]
            session.send(messages.Fault(encodable(f"{type(error).__name__}: {error}"), encodable(trace)))
    finally:
        os._exit(0)


def _give_up(brief: Brief, end: socket.socket) -> None:
    die_with_parent()
    # the session's other connections, to the command and to the sandbox, are none of this process's
    kept = end.fileno()
    os.closerange(3, kept)
    os.closerange(kept + 1, 1 << 16)
    os.dup2(1, 2)  # which is nowhere; standard error may be somebody's terminal
    if sys.platform == "linux":
        for limit, value in _LIMITS.items():
            _, most = resource.getrlimit(limit)
            held = value if most == resource.RLIM_INFINITY else min(value, most)
            resource.setrlimit(limit, (held, held))
    brief.confine()


def _run(brief: Brief, session: Pipe[messages.Said, messages.Answered]) -> None:
    job, kata = brief.job, brief.kata
    confined = registry.backend(job.isolation).confines
    code = Code(kata.name, job.code, kata.imports, job.audit.reference, confined=confined)
    workers, with_keras = _workers(session, brief.host), profile_of(kata) == "keras"
    module = RemoteModule(workers, code, brief.limits, rebuilds_models=with_keras, spent=brief.spent)
    attach(module)
    runner = CheckRunner(brief.suite, module, job)
    for each, following in zip(brief.checks, [*brief.checks[1:], None], strict=True):
        started = time.monotonic()
        verdict = runner.verdict(each, following)
        verdict = _tellable(verdict, time.monotonic() - started)
        refuted_by = None if verdict.outcome is Outcome.PASSED else runner.refuted_by
        session.send(messages.Ruled(verdict, module.cost(), refuted_by))
        if job.audit.until_failure and verdict.outcome is not Outcome.PASSED:
            break
    session.send(messages.Finished(module.cost(), module.dearest_call))


def _workers(session: Pipe[messages.Said, messages.Answered], host: int) -> Workers:
    """Workers by way of the session: it alone has the sandbox, and knows of each worker what the kernel says."""

    def start() -> Started:
        session.send(messages.Hire())
        answer, descriptors = session.receive_with()
        if not isinstance(answer, messages.Hired):
            raise GraderError(getattr(answer, "why", "the session gave no worker"))
        return Started(answer.number, answer.pid, socket.socket(fileno=descriptors[0]))

    def end(number: int, patience: float) -> Ended:
        session.send(messages.Dismiss(number, patience))
        answer = session.receive()
        if not isinstance(answer, messages.Dismissed):
            raise GraderError(getattr(answer, "why", "the session did not tell how a worker ended"))
        return Ended(answer.status, answer.seconds, answer.killed, answer.why)

    return Workers(start, end, host)


def _tellable(verdict: Verdict, seconds: float) -> Verdict:
    texts = {name: encodable(getattr(verdict, name)) for name in ("call", "returned", "expected", "trace")}
    reason = verdict.reason and verdict.reason.with_texts(encodable)
    return msgspec.structs.replace(verdict, seconds=seconds, reason=reason, **texts)
