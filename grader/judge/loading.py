"""The learner's file in a worker. A file that can't be loaded once is not loaded again."""

from collections.abc import Callable
from typing import Any, NamedTuple

from grader.judge.budget import Budget
from grader.judge.workers import Worker
from grader.model import Outcome, Reason
from grader.protocol.errors import LearnerRaised, WorkerLost

Ask = Callable[[Worker, dict[str, Any]], Any]


class Code(NamedTuple):
    """What a worker is to load."""

    name: str
    code: bytes
    imports: tuple[str, ...]
    reference: bytes | None = None
    """For a shipped mistake that imports the rest from the reference."""
    confined: bool = True
    """Whether a sandbox keeps it from killing itself: then whoever is killed was killed from outside."""

    def load_request(self) -> dict[str, Any]:
        """The request to load it."""
        return {
            "op": "load",
            "name": self.name,
            "code": self.code,
            "imports": list(self.imports),
            "reference": self.reference,
        }


class LoadedFile:
    """The worker that holds the learner's file. A worker that is lost is replaced when it is needed again."""

    def __init__(self, code: Code, budget: Budget, hire: Callable[[], Worker], ask: Ask) -> None:
        self._code, self._budget, self._hire, self._ask = code, budget, hire, ask
        self._worker: Worker | None = None
        self._refusal: LearnerRaised | WorkerLost | None = None
        self._was_loaded = False

    @property
    def worker(self) -> Worker | None:
        """The worker, if there is one and it is alive."""
        return self._worker if self._worker is not None and self._worker.alive else None

    @property
    def is_unloadable(self) -> bool:
        """Whether it is known that the file can't be loaded. A budget that ran out later is no fault of the file."""
        return self._refusal is not None and not (self._was_loaded and self._budget.is_used_up())

    def loaded(self) -> Worker:
        """A worker that has loaded the file. Raises LearnerRaised or WorkerLost if the file can't be loaded."""
        if self._refusal is not None:
            raise self._refusal.with_traceback(None)
        if (worker := self.worker) is None:
            worker = self._worker = self._hire()
            try:
                self._load(worker)
            except (LearnerRaised, WorkerLost) as refusal:
                self._refusal = refusal
                raise
            self._was_loaded = True
        return worker

    def end(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.end()

    def _load(self, worker: Worker) -> None:
        try:
            with self._budget.for_loading():
                self._ask(worker, self._code.load_request())
        except WorkerLost as lost:
            if lost.outcome is not Outcome.TIMED_OUT or self._budget.is_used_up():
                raise
            raise WorkerLost(Outcome.TIMED_OUT, Reason("loading_too_slow", {"why": lost.reason})) from None
