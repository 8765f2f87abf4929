"""One submission's code for one kata: asks its workers, holds it to its budget, remembers its calls for the message."""

import itertools
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from grader.judge.pipelining import Ahead, Script, frame_of
from grader.judge.proxies import Borrowed, number_of
from grader.judge.slots import Ended, cpu_of
from grader.judge.workers import Closed, Worker, Workers
from grader.model import GraderError, Limits, Outcome, Reason
from grader.protocol import wire
from grader.protocol.errors import LearnerRaised, NoWorker, WorkerLost, as_raised, reason_of

_CALLBACKS = 10_000
_REMEMBERED = 40
_HANDLES = 10_000
_WEIGHT = 1 << 29
"""Bytes of the answers that are remembered."""
_LOADING = 3.0
"""CPU seconds in which a file must be loaded, or a call's if those are more."""
_ENDLESS = 3
"""Checks that may end in a time-out before no function that was endless in one is called any more."""
_SIGKILL = 9
_NONE: Any = object()


class Call(NamedTuple):
    """One call as the message may show it."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    answer: Any = _NONE
    """The value or the exception that came back."""
    weight: int = 0
    """Bytes that the answer may take."""
    on: "Call | None" = None
    """The call that gave the object whose method this is."""

    @property
    def answered(self) -> bool:
        """Whether anything came back."""
        return self.answer is not _NONE


@dataclass
class _Handle:
    """Where an object that stays with the learner is."""

    worker: Worker
    number: int
    made_by: Call | None = None


class Code(NamedTuple):
    """What a worker is to load."""

    name: str
    code: bytes
    imports: tuple[str, ...]
    reference: bytes | None = None
    """For a shipped mistake that imports the rest from the reference."""
    confined: bool = True
    """Whether a sandbox keeps it from killing itself: then whoever is killed was killed from outside."""


_REBUILDER = Path(__file__).resolve().parents[1] / "sandbox" / "inside" / "model_rebuilder.py"
_REFEREE = Code("referee", _REBUILDER.read_bytes(), ("json", "numpy", "keras", "grader"))


class Submitted:
    """Answers for the learner's code. A worker that is lost is replaced at the next call."""

    def __init__(
        self, workers: Workers, code: Code, limits: Limits, *, referee: bool = False, spent: float = 0.0
    ) -> None:
        self._workers, self._code, self.limits = workers, code, limits
        self._began, self._before = cpu_of(workers.host), spent
        self._waited = 0.0
        self._worker: Worker | None = None
        self._handles: dict[int, _Handle] = {}
        self._numbers = itertools.count()
        self._ended = 0.0
        self._decoding = 0.0
        self.dearest_call = 0.0
        self._check = ""
        self._endless: dict[str, set[str]] = {}
        """Checks in which a function did not end in time."""
        self._refusal: LearnerRaised | WorkerLost | None = None
        self.call_seconds = limits.call_seconds
        self.calls: deque[Call] = deque(maxlen=_REMEMBERED)
        self._ahead: Ahead | None = None
        # Forked first: with it alive, the slot has no process left for a fork of the learner's.
        # Loaded in the check that wants it first: there, a budget that is used up is no fault of ours.
        self._referee = self._hired() if referee else None
        self._referee_is_loaded = False
        self.asked = 0
        """How often a worker was asked, the loading of a file aside."""

    def begin_check(self, name: str, call_seconds: float | None) -> None:
        """The calls to come are made for this check."""
        self._check = name
        self.call_seconds = call_seconds * self.limits.scale if call_seconds else self.limits.call_seconds

    def call(self, target: int | None, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a function of the learner's module, or a method of one of their objects."""
        self._refuse_endless(self._function(target, name))
        frame = frame_of(name, args, kwargs) if self._ahead is not None and target is None else None
        there = self._settled(frame)
        worker, on = self._holder(target)
        request = {"op": "call", "on": on, "name": name, "args": list(args), "kwargs": kwargs}
        if worker is self._referee and name != "predict":
            return self._exchange(worker, request)  # what we ask about a model says nothing to who built it
        self.calls.append(Call(name, args, kwargs, on=None if target is None else self._handles[target].made_by))
        try:
            answer = self._exchange(worker, request, frame, there=there)
        except LearnerRaised as error:
            self.calls[-1] = self.calls[-1]._replace(answer=error)
            raise
        except WorkerLost as lost:
            self._note_endless(self._function(target, name), lost)
            raise
        if isinstance(answer, Borrowed):
            self._handles[number_of(answer)].made_by = self.calls[-1]
        self.calls[-1] = self.calls[-1]._replace(answer=answer, weight=worker.weight)
        while len(self.calls) > 1 and sum(call.weight for call in self.calls) > _WEIGHT:
            self.calls.popleft()
        return answer

    def advance(self, target: int) -> Any:
        """The next value of an iterator of the learner's, or StopIteration."""
        self._settled()
        worker, on = self._holder(target)
        value = self._exchange(worker, {"op": "next", "on": on})
        if type(value) is list and len(value) == 1:
            return value[0]
        raise StopIteration

    def keep(self, value: Any) -> Borrowed:
        """Leave a value with the learner."""
        self._settled()
        worker, _ = self._holder(None)
        kept = self._exchange(worker, {"op": "keep", "value": value})
        if not isinstance(kept, Borrowed):
            raise self._lost(worker, wire.WireError("not_an_object"))
        return kept.showing(value)

    def release(self, target: int) -> None:
        """Nobody holds this object any more; its worker hears of it with the next request."""
        if (handle := self._handles.pop(target, None)) is not None:
            handle.worker.dropped.append(handle.number)

    def referee(self, model: Borrowed) -> Any:
        """A Keras model rebuilt from data in a worker that holds no learner's code."""
        self._settled()
        worker, on = self._holder(number_of(model))
        taken = self._exchange(worker, {"op": "model", "on": on})
        request = {"op": "call", "on": None, "name": "Rebuilt", "args": taken, "kwargs": {}}
        rebuilt = self._exchange(self._ready_referee(), request)
        self._handles[number_of(rebuilt)].made_by = self._handles[number_of(model)].made_by
        return rebuilt

    def refusal(self) -> LearnerRaised | WorkerLost | None:
        """Why the file can't be loaded, if it can't."""
        try:
            self._loaded()
        except (LearnerRaised, WorkerLost) as refusal:
            return refusal
        return None

    def cpu_seconds(self) -> float:
        """CPU seconds that the learner's workers have used so far."""
        return self._ended + (self._worker.cpu_seconds() if self._worker else 0.0)

    def cost(self) -> float:
        """CPU seconds of everything on this submission's account, its sandbox and our decoding included."""
        referee = self._referee.cpu_seconds() if self._referee else 0.0
        return self._before + self.cpu_seconds() + referee + self._decoding + cpu_of(self._workers.host) - self._began

    def close(self) -> None:
        """End its workers."""
        for worker in (self._worker, self._referee):
            if worker is not None:
                worker.end()

    def _holder(self, target: int | None) -> tuple[Worker, int | None]:
        if target is not None:
            handle = self._handles[target]
            if not handle.worker.alive:
                raise WorkerLost(Outcome.CRASHED, Reason("object_is_gone"))
            return handle.worker, handle.number
        return self._loaded(), None

    def _loaded(self) -> Worker:
        if self._refusal is not None:
            raise self._refusal.with_traceback(None)
        if self._worker is None or not self._worker.alive:
            self._worker = self._hired()
            try:
                self._loading(self._worker)
            except (LearnerRaised, WorkerLost) as refusal:
                # A file that can't be loaded can't be loaded: no check needs to find that out again.
                self._refusal = refusal
                raise
        return self._worker

    def _loading(self, worker: Worker) -> None:
        seconds, self.call_seconds = self.call_seconds, max(_LOADING, self.limits.call_seconds)
        try:
            self._exchange(worker, _load(self._code))
        except WorkerLost as lost:
            if lost.outcome is not Outcome.TIMED_OUT or self._is_used_up():
                raise
            raise WorkerLost(Outcome.TIMED_OUT, Reason("loading_too_slow", {"why": lost.reason})) from None
        finally:
            self.call_seconds = seconds

    def _hired(self) -> Worker:
        try:
            return self._workers.hire()
        except GraderError as error:
            raise NoWorker(str(error)) from None

    def _ready_referee(self) -> Worker:
        if self._referee is None:
            raise RuntimeError("only katas that allow keras have a referee")
        if not self._referee.alive:
            self._referee, self._referee_is_loaded = self._hired(), False
        if not self._referee_is_loaded:
            self._exchange(self._referee, _load(_REFEREE))
            self._referee_is_loaded = True
        return self._referee

    def _function(self, target: int | None, name: str) -> str:
        """A function by its name, a method by those of what gave its object and its own."""
        maker = None if target is None or target not in self._handles else self._handles[target].made_by
        return name if target is None else f"{maker.name}(...).{name}" if maker else name

    def _refuse_endless(self, function: str) -> None:
        """Raise WorkerLost where it is known by now that this call won't end: to wait again would teach nothing."""
        if function in self._endless and len(set().union(*self._endless.values())) >= _ENDLESS:
            raise WorkerLost(Outcome.NOT_RUN, Reason("endless_before", {"function": function}))

    def _note_endless(self, function: str, lost: WorkerLost) -> None:
        if lost.outcome is Outcome.TIMED_OUT:
            self._endless.setdefault(function, set()).add(self._check)

    def follow(self, script: Script) -> None:
        """A property with this script begins, or, with none, has ended."""
        worker = self._worker
        if self._ahead is not None and self._ahead.waiting and worker is not None:
            if self._handles:
                self._settled()
            else:
                worker.end()  # nothing is lost with it, and a new one is there sooner than answers to what nobody asked
                self._ended += worker.spent
                self._worker = None
        self._ahead = Ahead(script) if script else None

    def begin(self, example: int) -> None:
        """The property that is followed begins this example."""
        if self._ahead is not None:
            self._ahead.begin(example)

    def _settled(self, frame: bytes | None = None) -> bool:
        """Whether the next answer is to this request, sent ahead; if not, what was sent ahead is over."""
        ahead, worker = self._ahead, self._worker
        if ahead is None or worker is None or not ahead.waiting:
            return False
        wall = time.monotonic()
        worker.watch = self._watch(worker, worker.cpu_seconds(), wall)
        try:
            while ahead.outdated():
                self._reply(worker)
            if frame is not None and ahead.is_next(frame):
                return True
            waiting = ahead.waiting
            ahead.forget()
            for _ in range(waiting):
                self._reply(worker)
        except (Closed, wire.WireError, WorkerLost) as lost:
            self._lost(worker, lost)  # by a call that nobody has asked for: it is not told
        finally:
            self._waited += time.monotonic() - wall
        return False

    def _exchange(
        self, worker: Worker, request: dict[str, Any], frame: bytes | None = None, *, there: bool = False
    ) -> Any:
        """One request, unless its answer is to come already, and its reply, within the budget."""
        callbacks: dict[int, Callable[..., Any]] = {}
        failures: list[BaseException] = []
        self.asked += request["op"] != "load"
        began, wall = worker.cpu_seconds(), time.monotonic()
        worker.watch = self._watch(worker, began, wall)
        try:
            # Waiting looks at the clocks, but short answers aren't waited for: a nap in each of many calls adds up.
            self.hold_to_budget()
            if not there and not self._sent_ahead(worker, frame):
                dropped, worker.dropped = worker.dropped, []
                worker.send({**request, "drop": dropped}, lambda value: self._lend(worker, value, callbacks))
            reply = self._reply_after_callbacks(worker, callbacks, failures)
        except (Closed, wire.WireError, WorkerLost) as lost:
            raise self._lost(worker, lost) from None
        finally:
            self._waited += time.monotonic() - wall
        if request["op"] != "load":
            self.dearest_call = max(self.dearest_call, worker.cpu_seconds() - began)
        if failures:
            raise failures[0]
        if "raised" in reply:
            line = None if worker is self._referee else reply.get("line")  # the referee's lines aren't the learner's
            raise as_raised(reply["raised"], reply.get("message"), line, reply.get("said"))
        if "value" not in reply:
            raise self._lost(worker, wire.WireError("not_a_reply"))
        return reply["value"]

    def _reply_after_callbacks(
        self, worker: Worker, callbacks: dict[int, Callable[..., Any]], failures: list[BaseException]
    ) -> dict[str, Any]:
        reply = self._reply(worker)
        for _ in range(_CALLBACKS):
            if "callback" not in reply:
                return reply
            worker.send(_answered(callbacks, reply, failures), wire.refuse)
            reply = self._reply(worker)
        raise wire.WireError("called_too_often", most=_CALLBACKS)

    def _sent_ahead(self, worker: Worker, frame: bytes | None) -> bool:
        """Whether this request has been sent together with those that are to follow."""
        if self._ahead is None or frame is None or worker.dropped or not (batch := self._ahead.to_send(frame)):
            return False
        worker.send_frames(batch)
        return self._ahead.is_next(frame)

    def _reply(self, worker: Worker) -> dict[str, Any]:
        before = worker.decoding
        reply = worker.receive(lambda code, body: self._borrow(worker, code, body))
        self._decoding += worker.decoding - before
        if type(reply) is not dict:
            raise wire.WireError("not_a_reply")
        return reply

    def _watch(self, worker: Worker, began: float, wall: float) -> Callable[[], None]:
        limits = self.limits

        def watch() -> None:
            seconds, waited = worker.cpu_seconds() - began, time.monotonic() - wall
            if seconds > self.call_seconds or waited > limits.patience * self.call_seconds + 1:
                raise WorkerLost(Outcome.TIMED_OUT, Reason("no_answer_in_time", {"seconds": self.call_seconds}))
            self.hold_to_budget(waited)

        return watch

    def hold_to_budget(self, waiting: float = 0.0) -> None:
        """Raise WorkerLost when all the time that one submission may take is used up."""
        if self._is_used_up(waiting):
            total = self.limits.submission_seconds
            raise WorkerLost(Outcome.TIMED_OUT, Reason("time_used_up", {"seconds": total}))

    def _is_used_up(self, waiting: float = 0.0) -> bool:
        total = self.limits.submission_seconds
        return self.cost() > total or self._waited + waiting > self.limits.patience * total

    def _lost(self, worker: Worker, lost: Closed | wire.WireError | WorkerLost) -> WorkerLost:
        ours = worker is self._referee
        if isinstance(lost, WorkerLost):
            worker.end()
            found = lost
        elif isinstance(lost, Closed):
            found = _obituary(worker.wait_for_end(), confined=self._code.confined)
        else:
            worker.end()
            found = WorkerLost(Outcome.CRASHED, Reason("answer_unreadable", {"why": reason_of(lost)}))
        if not ours:
            self._ended += worker.spent
            self._worker = None
            if self._ahead is not None:
                self._ahead.forget()
        return found

    def _lend(self, worker: Worker, value: Any, callbacks: dict[int, Callable[..., Any]]) -> tuple[int, Any]:
        if isinstance(value, Borrowed):
            handle = self._handles[number_of(value)]
            if handle.worker is not worker:
                raise WorkerLost(Outcome.CRASHED, Reason("object_is_gone"))
            return wire.OBJECT, handle.number
        if callable(value):
            callbacks[len(callbacks)] = value
            return wire.CALLBACK, len(callbacks) - 1
        return wire.refuse(value)

    def _borrow(self, worker: Worker, code: int, body: Any) -> Borrowed:
        if code != wire.OBJECT or type(body) is not list or [type(part) for part in body] != [int, str]:
            raise wire.WireError("not_an_object")
        if len(self._handles) >= _HANDLES:
            raise wire.WireError("too_many_objects")
        number = next(self._numbers)
        self._handles[number] = _Handle(worker, body[0])
        return Borrowed(number, body[1])


def _load(code: Code) -> dict[str, Any]:
    return {
        "op": "load",
        "name": code.name,
        "code": code.code,
        "imports": list(code.imports),
        "reference": code.reference,
    }


def _answered(
    callbacks: dict[int, Callable[..., Any]], asked: dict[str, Any], failures: list[BaseException]
) -> dict[str, Any]:
    """Call the check's function for the learner. What it raises is raised again once the learner's call is over."""
    number, args = asked["callback"], asked.get("args")
    if type(number) is not int or number not in callbacks or type(args) is not list:
        raise wire.WireError("called_what_it_was_not_given")
    try:
        return {"answer": callbacks[number](*args)}
    except Exception as error:  # noqa: BLE001  a check's assertion, or a TypeError for the wrong arguments
        failures.append(error)
        return {"refused": "the function that you were given refused this call"}


def _obituary(ended: Ended | None, *, confined: bool) -> WorkerLost:
    """Why a worker is gone. No confined worker can kill itself, and the limits of memory make no kernel kill it."""
    if ended is None or ended.killed or ended.why:
        why = ended.why if ended else None
        return WorkerLost(Outcome.CRASHED, why or Reason("closed_connection"))
    number = ended.status & 0x7F
    if number == _SIGKILL and confined:
        return NoWorker("a worker was killed from outside, within its limits")
    if number:
        return WorkerLost(Outcome.CRASHED, Reason("ended_by_signal", {"number": number}))
    return WorkerLost(Outcome.CRASHED, Reason("ended_by_itself", {"exit_code": ended.status >> 8}))
