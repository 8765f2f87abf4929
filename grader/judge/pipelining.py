"""Pipelines predictable calls: sends a property's requests before it makes them.

Each saved round trip avoids two context switches. The calls of a property on an example are mostly known: they are
those that it made of the reference. Requests for several examples are sent at once, more each time. When the property
makes a call, its reply is there. If a submission answers otherwise than the reference, other calls may follow: then
the replies to requests that the property does not make are thrown away.
"""

from collections import deque
from typing import NamedTuple

from grader.judge.budget import Budget
from grader.judge.call_traces import CallTrace
from grader.judge.exchange import Exchange
from grader.judge.workers import Closed, Worker
from grader.protocol import wire
from grader.protocol.errors import WorkerLost

_MOST = 32
"""Examples sent at once."""
_BYTES = 1 << 18
"""Bytes sent at once: what fits into a socket, or both sides would wait for the other to read."""


class _Sent(NamedTuple):
    example: int
    frame: bytes


class Pipeline:
    """What has been sent of one property's trace, and what comes next."""

    def __init__(self, trace: CallTrace) -> None:
        self._trace = trace
        self._sent: deque[_Sent] = deque()
        self._now = self._next = 0
        self._asked = False
        self._size = 1

    @property
    def unread(self) -> int:
        """Replies that will come and haven't been read."""
        return len(self._sent)

    def begin_example(self, example: int) -> None:
        """The property begins this example."""
        self._now, self._asked = example, False

    def pop_outdated(self) -> bool:
        """Whether the next reply is to a request of an earlier example, which the property did not make."""
        if self._sent and self._sent[0].example < self._now:
            self._sent.popleft()
            return True
        return False

    def pop_if_next(self, frame: bytes) -> bool:
        """Whether the next reply is to this request."""
        if self._sent and self._sent[0] == (self._now, frame):
            self._sent.popleft()
            self._asked = True
            return True
        return False

    def forget(self) -> None:
        """Wait for no reply any more. Requests of later examples are sent again."""
        self._sent.clear()
        self._next = self._now + 1

    def batch(self, frame: bytes) -> bytes:
        """The requests to send at once. None unless this request is the first that is expected of this example."""
        asked, self._asked = self._asked, True
        expected = self._trace[self._now][:1] if self._now < len(self._trace) else []
        if asked or self._sent or self._next > self._now or expected != [frame]:
            return b""
        self._next, room = self._now, _BYTES
        for example in range(self._now, min(self._now + self._size, len(self._trace))):
            requests = self._trace[example]
            room -= sum(map(len, requests))
            if room < 0:
                break
            self._sent.extend(_Sent(example, each) for each in requests)
            self._next = example + 1
        self._size = min(2 * self._size, _MOST)
        return b"".join(sent.frame for sent in self._sent)


class PipelinedCalls:
    """The pipeline of the property that is running, if its trace is known, and the channel to the learner's worker."""

    def __init__(self, exchange: Exchange, budget: Budget) -> None:
        self._exchange, self._budget = exchange, budget
        self._pipeline: Pipeline | None = None

    @property
    def is_active(self) -> bool:
        """Whether the property that is running has a trace."""
        return self._pipeline is not None

    @property
    def unread(self) -> int:
        """Replies that will come and haven't been read."""
        return self._pipeline.unread if self._pipeline else 0

    def follow(self, trace: CallTrace) -> None:
        """A property with this trace begins. An empty trace: no property is running."""
        self._pipeline = Pipeline(trace) if trace else None

    def begin_example(self, example: int) -> None:
        """The property begins this example."""
        if self._pipeline is not None:
            self._pipeline.begin_example(example)

    def forget(self) -> None:
        """The worker is lost, and its replies with it."""
        if self._pipeline is not None:
            self._pipeline.forget()

    def send(self, worker: Worker, frame: bytes | None) -> bool:
        """Whether this request was sent, together with those that are to follow."""
        if self._pipeline is None or frame is None or worker.dropped or not (batch := self._pipeline.batch(frame)):
            return False
        worker.send_frames(batch)
        return self._pipeline.pop_if_next(frame)

    def settle(self, worker: Worker | None, frame: bytes | None = None) -> bool:
        """Whether the next reply is to this request. If it is not, every unread reply is read and thrown away."""
        pipeline = self._pipeline
        if pipeline is None or worker is None or not pipeline.unread:
            return False
        with self._budget.watching(worker):
            try:
                while pipeline.pop_outdated():
                    self._exchange.reply(worker)
                if frame is not None and pipeline.pop_if_next(frame):
                    return True
                unread = pipeline.unread
                pipeline.forget()
                for _ in range(unread):
                    self._exchange.reply(worker)
            except (Closed, wire.WireError, WorkerLost) as lost:
                # The worker died on a request that the check never made: nothing is reported.
                self._exchange.lost(worker, lost)
                pipeline.forget()
        return False
