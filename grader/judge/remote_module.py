"""The learner's module as the judge sees it: each call is a request to a worker that holds one submission's file."""

from typing import Any

from grader.judge.budget import Budget
from grader.judge.call_history import Call, CallHistory
from grader.judge.call_traces import CallTrace, frame_of
from grader.judge.endless import EndlessFunctions
from grader.judge.exchange import Exchange
from grader.judge.handles import Handles
from grader.judge.loading import Code, LoadedFile
from grader.judge.model_rebuilding import ModelRebuilder
from grader.judge.pipelining import PipelinedCalls
from grader.judge.proxies import RemoteObject, number_of
from grader.judge.workers import Worker, Workers
from grader.model import GraderError, Limits
from grader.protocol import wire
from grader.protocol.errors import LearnerRaised, NoWorker, WorkerLost


class RemoteModule:
    """Answers for the learner's code. It is the `Learner` that the proxies ask."""

    def __init__(
        self, workers: Workers, code: Code, limits: Limits, *, rebuilds_models: bool = False, spent: float = 0.0
    ) -> None:
        self._workers = workers
        self._budget = Budget(limits, workers.host, spent)
        self._handles = Handles()
        self.calls = CallHistory()
        self._endless = EndlessFunctions()
        self._exchange = Exchange(self._budget, self._handles, confined=code.confined)
        self._pipelined = PipelinedCalls(self._exchange, self._budget)
        self._rebuilder = ModelRebuilder(self._hire_for_us, self._ask) if rebuilds_models else None
        self._file = LoadedFile(code, self._budget, self._hire_for_learner, self._ask)

    @property
    def asked(self) -> int:
        """How often a worker was asked. The loading of the file does not count."""
        return self._exchange.asked

    @property
    def dearest_call(self) -> float:
        """CPU seconds of the dearest call so far."""
        return self._budget.dearest_call

    @property
    def is_unloadable(self) -> bool:
        """Whether it is known that the file can't be loaded."""
        return self._file.is_unloadable

    def begin_check(self, name: str, call_seconds: float | None) -> None:
        """The calls to come are made for this check."""
        self._endless.begin_check(name)
        self._budget.begin_check(call_seconds)

    def refusal(self) -> LearnerRaised | WorkerLost | None:
        """Why the file can't be loaded, if it can't."""
        try:
            self._file.loaded()
        except (LearnerRaised, WorkerLost) as refusal:
            return refusal
        return None

    def hold_to_budget(self) -> None:
        """Raise WorkerLost when all the time that one submission may take is used up."""
        self._budget.hold()

    def call(self, target: int | None, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a function of the learner's module, or a method of one of their objects."""
        self._endless.refuse(self._function(target, name))
        frame = frame_of(name, args, kwargs) if self._pipelined.is_active and target is None else None
        there = self._settle(frame)
        worker, on = self._holder(target)
        request = {"op": "call", "on": on, "name": name, "args": list(args), "kwargs": kwargs}
        if self._is_rebuilder(worker) and name != "predict":
            return self._ask(worker, request)  # what we ask about a model says nothing to who built it
        self.calls.begin(Call(name, args, kwargs, on=self._handles.maker(target)))
        try:
            answer = self._ask(worker, request, frame, there=there)
        except LearnerRaised as error:
            self.calls.answer(error)
            raise
        except WorkerLost as lost:
            self._endless.note(self._function(target, name), lost)
            raise
        if isinstance(answer, RemoteObject):
            self._handles[number_of(answer)].made_by = self.calls.last
        self.calls.answer(answer, worker.weight)
        return answer

    def advance(self, target: int) -> Any:
        """The next value of an iterator of the learner's, or StopIteration."""
        self._settle()
        worker, on = self._holder(target)
        value = self._ask(worker, {"op": "next", "on": on})
        if type(value) is list and len(value) == 1:
            return value[0]
        raise StopIteration

    def keep(self, value: Any) -> RemoteObject:
        """Leave a value with the learner."""
        self._settle()
        worker, _ = self._holder(None)
        kept = self._ask(worker, {"op": "keep", "value": value})
        if not isinstance(kept, RemoteObject):
            self._pipelined.forget()
            raise self._exchange.lost(worker, wire.WireError("not_an_object"))
        return kept.showing(value)

    def release(self, target: int) -> None:
        """Nobody holds this object any more. Its worker is told with the next request."""
        self._handles.release(target)

    def rebuild(self, model: RemoteObject) -> Any:
        """A Keras model rebuilt from data, in a worker that holds no learner's code."""
        if self._rebuilder is None:
            raise RuntimeError("only katas that allow keras have a model rebuilder")
        self._settle()
        worker, on = self._holder(number_of(model))
        taken_apart = self._ask(worker, {"op": "model", "on": on})
        rebuilt = self._rebuilder.rebuild(taken_apart)
        self._handles[number_of(rebuilt)].made_by = self._handles.maker(number_of(model))
        return rebuilt

    def cpu_seconds(self) -> float:
        """CPU seconds that the learner's workers have used so far."""
        return self._budget.cpu_seconds()

    def cost(self) -> float:
        """CPU seconds of everything that the submission causes, its sandbox and our decoding of answers included."""
        return self._budget.cost()

    def follow(self, trace: CallTrace) -> None:
        """A property with this trace begins. An empty trace: no property is running."""
        worker = self._file.worker
        if self._pipelined.unread and worker is not None:
            if self._handles:
                self._settle()
            else:
                worker.end()  # nothing is lost with it, and a new one is there sooner than replies that nobody wants
        self._pipelined.follow(trace)

    def begin_example(self, example: int) -> None:
        """The property that is running begins this example."""
        self._pipelined.begin_example(example)

    def close(self) -> None:
        """End its workers."""
        self._file.end()
        if self._rebuilder is not None:
            self._rebuilder.worker.end()

    def _ask(self, worker: Worker, request: dict[str, Any], frame: bytes | None = None, *, there: bool = False) -> Any:
        of_learner = not self._is_rebuilder(worker)

        def is_sent() -> bool:
            return there or self._pipelined.send(worker, frame)

        try:
            return self._exchange.ask(worker, request, is_sent=is_sent, of_learner=of_learner)
        except WorkerLost:
            if of_learner:
                self._pipelined.forget()
            raise

    def _settle(self, frame: bytes | None = None) -> bool:
        return self._pipelined.settle(self._file.worker, frame)

    def _holder(self, target: int | None) -> tuple[Worker, int | None]:
        """The worker to ask, and the object's number there. Raises WorkerLost or LearnerRaised if there is none."""
        if target is None:
            return self._file.loaded(), None
        handle = self._handles.living(target)
        return handle.worker, handle.number

    def _function(self, target: int | None, name: str) -> str:
        """A function by its name, a method by its own and that of the function that returned its object."""
        maker = self._handles.maker(target)
        return f"{maker.name}(...).{name}" if maker else name

    def _is_rebuilder(self, worker: Worker) -> bool:
        return self._rebuilder is not None and worker is self._rebuilder.worker

    def _hire_for_learner(self) -> Worker:
        return self._hire(of_learner=True)

    def _hire_for_us(self) -> Worker:
        return self._hire(of_learner=False)

    def _hire(self, *, of_learner: bool) -> Worker:
        try:
            worker = self._workers.hire()
        except GraderError as error:
            raise NoWorker(str(error)) from None
        self._budget.charge(worker, of_learner=of_learner)
        return worker
