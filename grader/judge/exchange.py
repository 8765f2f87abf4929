"""One request to a worker and its reply, within the submission's budget.

Everything in a reply is the learner's word: what does not fit ends the worker.
"""

from collections.abc import Callable
from typing import Any

from grader.judge.budget import Budget
from grader.judge.callbacks import Callbacks
from grader.judge.handles import Handles
from grader.judge.proxies import RemoteObject
from grader.judge.slots import Ended
from grader.judge.workers import Closed, Worker
from grader.model import Outcome, Reason
from grader.protocol import wire
from grader.protocol.errors import NoWorker, WorkerLost, as_raised, reason_of

_CALLBACKS = 10_000
"""Calls of the check's functions that one call of the learner's may make."""
_SIGKILL = 9


class Exchange:
    """Asks workers, and says why one was lost."""

    def __init__(self, budget: Budget, handles: Handles, *, confined: bool) -> None:
        self._budget, self._handles, self._confined = budget, handles, confined
        self.asked = 0
        """How often a worker was asked. The loading of a file does not count."""

    def ask(
        self,
        worker: Worker,
        request: dict[str, Any],
        *,
        is_sent: Callable[[], bool] = lambda: False,
        of_learner: bool = True,
    ) -> Any:
        """The value that comes back. `is_sent` says whether the request was sent before.

        Raises LearnerRaised, WorkerLost, and what a function of the check raised that the learner called.
        """
        loads = request["op"] == "load"
        callbacks = Callbacks()
        self.asked += not loads
        with self._budget.watching(worker) as began:
            try:
                # A wait looks at the clocks, but there is no wait for a short answer: a sleep in each of many calls
                # adds up.
                self._budget.hold()
                if not is_sent():
                    self._send(worker, request, callbacks)
                reply = self._reply_after_callbacks(worker, callbacks)
            except (Closed, wire.WireError, WorkerLost) as lost:
                raise self.lost(worker, lost) from None
        if not loads:
            self._budget.note_call(worker.cpu_seconds() - began)
        if callbacks.failures:
            raise callbacks.failures[0]
        if "raised" in reply:
            line = reply.get("line") if of_learner else None  # lines of our own file are no lines of the learner's
            raise as_raised(reply["raised"], reply.get("message"), line, reply.get("said"))
        if "value" not in reply:
            raise self.lost(worker, wire.WireError("not_a_reply"))
        return reply["value"]

    def reply(self, worker: Worker) -> dict[str, Any]:
        """The next reply. Raises WireError for what is none, Closed if the worker is gone."""
        reply = worker.receive(lambda code, body: self._handles.receive(worker, code, body))
        if type(reply) is not dict:
            raise wire.WireError("not_a_reply")
        return reply

    def lost(self, worker: Worker, error: Closed | wire.WireError | WorkerLost) -> WorkerLost:
        """End a worker, and say why it is lost."""
        if isinstance(error, WorkerLost):
            worker.end()
            return error
        if isinstance(error, Closed):
            return _cause_of_end(worker.wait_for_end(), confined=self._confined)
        worker.end()
        return WorkerLost(Outcome.CRASHED, Reason("answer_unreadable", {"why": reason_of(error)}))

    def _send(self, worker: Worker, request: dict[str, Any], callbacks: Callbacks) -> None:
        def export(value: Any) -> tuple[int, Any]:
            if isinstance(value, RemoteObject):
                return self._handles.send(worker, value)
            return callbacks.send(value) if callable(value) else wire.refuse(value)

        dropped, worker.dropped = worker.dropped, []
        worker.send({**request, "drop": dropped}, export)

    def _reply_after_callbacks(self, worker: Worker, callbacks: Callbacks) -> dict[str, Any]:
        reply = self.reply(worker)
        for _ in range(_CALLBACKS):
            if "callback" not in reply:
                return reply
            worker.send(callbacks.answer(reply), wire.refuse)
            reply = self.reply(worker)
        raise wire.WireError("called_too_often", most=_CALLBACKS)


def _cause_of_end(ended: Ended | None, *, confined: bool) -> WorkerLost:
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
