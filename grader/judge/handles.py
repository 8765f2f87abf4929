"""Objects that stay with the learner: where each one is, and which call returned it."""

import itertools
from dataclasses import dataclass
from typing import Any

from grader.judge.call_history import Call
from grader.judge.proxies import RemoteObject, number_of
from grader.judge.workers import Worker
from grader.model import Outcome, Reason
from grader.protocol import wire
from grader.protocol.errors import WorkerLost

_HANDLES = 10_000
"""Objects that a submission may have us hold at once."""


@dataclass
class Handle:
    """Where one object is."""

    worker: Worker
    number: int
    """What its worker knows it by."""
    made_by: Call | None = None


class Handles:
    """The handles of one submission, by numbers of ours: a worker can't choose them."""

    def __init__(self) -> None:
        self._handles: dict[int, Handle] = {}
        self._numbers = itertools.count()

    def __len__(self) -> int:
        return len(self._handles)

    def __getitem__(self, number: int) -> Handle:
        return self._handles[number]

    def living(self, number: int) -> Handle:
        """A handle whose worker is alive. Raises WorkerLost if it is not."""
        handle = self._handles[number]
        if not handle.worker.alive:
            raise WorkerLost(Outcome.CRASHED, Reason("object_is_gone"))
        return handle

    def maker(self, number: int | None) -> Call | None:
        """The call that returned this object, if that is known."""
        handle = None if number is None else self._handles.get(number)
        return handle.made_by if handle else None

    def receive(self, worker: Worker, code: int, body: Any) -> RemoteObject:
        """The import hook of the wire: a proxy for an object that a worker keeps. Raises WireError for others."""
        if code != wire.OBJECT or type(body) is not list or [type(part) for part in body] != [int, str]:
            raise wire.WireError("not_an_object")
        if len(self._handles) >= _HANDLES:
            raise wire.WireError("too_many_objects")
        number = next(self._numbers)
        self._handles[number] = Handle(worker, body[0])
        return RemoteObject(number, body[1])

    def send(self, worker: Worker, thing: RemoteObject) -> tuple[int, int]:
        """The export hook of the wire: an object handed back to its own worker. Raises WorkerLost for another one."""
        handle = self._handles[number_of(thing)]
        if handle.worker is not worker:
            raise WorkerLost(Outcome.CRASHED, Reason("object_is_gone"))
        return wire.OBJECT, handle.number

    def release(self, number: int) -> None:
        """Nobody holds this object any more. Its worker is told with the next request."""
        if (handle := self._handles.pop(number, None)) is not None:
            handle.worker.dropped.append(handle.number)
