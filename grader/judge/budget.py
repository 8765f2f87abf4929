"""The time that one submission may take: CPU seconds by the kernel's clocks, and wall seconds of waiting."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from grader.judge.slots import cpu_of
from grader.judge.workers import Worker
from grader.model import Limits, Outcome, Reason
from grader.protocol.errors import WorkerLost

_LOADING = 3.0
"""CPU seconds in which a file must be loaded, or those of a call if they are more."""


class Budget:
    """What a submission has spent, and what one call and all calls may take."""

    def __init__(self, limits: Limits, host: int, spent: float = 0.0) -> None:
        """`host` is the sandbox's process whose CPU seconds count; `spent` the CPU seconds of earlier forks."""
        self.limits = limits
        self.call_seconds = limits.call_seconds
        self.dearest_call = 0.0
        """CPU seconds of the dearest call so far."""
        self._host, self._host_began, self._before = host, cpu_of(host), spent
        self._waited = 0.0
        self._learners: list[Worker] = []
        self._ours: list[Worker] = []

    def charge(self, worker: Worker, *, of_learner: bool) -> None:
        """Count what this worker takes from now on, and after its end too."""
        (self._learners if of_learner else self._ours).append(worker)

    def cpu_seconds(self) -> float:
        """CPU seconds that the learner's workers have used so far."""
        return sum(worker.cpu_seconds() for worker in self._learners)

    def cost(self) -> float:
        """CPU seconds of everything that the submission causes, its sandbox and our decoding of answers included."""
        seconds = self._before + cpu_of(self._host) - self._host_began
        for worker in self._learners:  # no generators: this is done in every call
            seconds += worker.cpu_seconds() + worker.decoding
        for worker in self._ours:
            seconds += worker.cpu_seconds() + worker.decoding
        return seconds

    def note_call(self, seconds: float) -> None:
        """A call took so many CPU seconds."""
        self.dearest_call = max(self.dearest_call, seconds)

    def note_wait(self, seconds: float) -> None:
        """A worker was waited for so many wall seconds."""
        self._waited += seconds

    def begin_check(self, call_seconds: float | None) -> None:
        """From now on a call may take so many CPU seconds. None: what the limits say."""
        self.call_seconds = call_seconds * self.limits.scale if call_seconds else self.limits.call_seconds

    @contextmanager
    def for_loading(self) -> Iterator[None]:
        """Meanwhile a request may take what the loading of a file may take."""
        seconds, self.call_seconds = self.call_seconds, max(_LOADING, self.limits.call_seconds)
        try:
            yield
        finally:
            self.call_seconds = seconds

    def watching(self, worker: Worker) -> "_Watch":
        """Meanwhile a wait for this worker looks at the clocks. Gives the CPU seconds of the worker so far."""
        return _Watch(self, worker)

    def hold(self, waiting: float = 0.0) -> None:
        """Raise WorkerLost when all the time that one submission may take is used up."""
        if self.is_used_up(waiting):
            total = self.limits.submission_seconds
            raise WorkerLost(Outcome.TIMED_OUT, Reason("time_used_up", {"seconds": total}))

    def is_used_up(self, waiting: float = 0.0) -> bool:
        """Whether no time is left. `waiting` is the wall seconds of a wait that is going on."""
        total = self.limits.submission_seconds
        return self.cost() > total or self._waited + waiting > self.limits.patience * total


class _Watch:
    """One request, or one wait for replies: it is called again and again while a worker is waited for."""

    def __init__(self, budget: Budget, worker: Worker) -> None:
        self._budget, self._worker = budget, worker
        self._began, self._wall = worker.cpu_seconds(), time.monotonic()

    def __enter__(self) -> float:
        self._worker.watch = self
        return self._began

    def __call__(self) -> None:
        budget = self._budget
        seconds, waited = self._worker.cpu_seconds() - self._began, time.monotonic() - self._wall
        if seconds > budget.call_seconds or waited > budget.limits.patience * budget.call_seconds + 1:
            raise WorkerLost(Outcome.TIMED_OUT, Reason("no_answer_in_time", {"seconds": budget.call_seconds}))
        budget.hold(waited)

    def __exit__(self, *_: object) -> None:
        self._budget.note_wait(time.monotonic() - self._wall)
