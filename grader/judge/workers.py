"""The judge's side of a worker: a confined process, and a channel of its own that is never used again."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from grader.judge.slots import Ended, Started, cpu_of
from grader.protocol import wire
from grader.protocol.errors import CannotCross
from grader.protocol.frames import Channel, Closed, Garbled

_OWN_END = 0.2
"""Seconds in which a worker that has hung up may end by itself."""


class Workers(NamedTuple):
    """How to start workers, and how to end them."""

    start: Callable[[], Started]
    end: Callable[[int, float], Ended]
    host: int
    """The process of their sandbox whose CPU seconds count too."""

    def hire(self) -> "Worker":
        """A new worker."""
        return Worker(self, self.start())


class Worker:
    """One confined process and the private channel to it."""

    def __init__(self, workers: Workers, started: Started) -> None:
        self._workers, self._started = workers, started
        self.watch: Callable[[], None] | None = None
        self._channel = Channel(started.end, self._watched)
        self.spent = 0.0
        """CPU seconds, final once it has ended."""
        self.decoding = 0.0
        """Seconds that reading its messages has cost here."""
        self.weight = 0
        """Bytes that the last message may take in memory: a value packed into one byte may take 64."""
        self.dropped: list[int] = []
        """Objects of its own that nobody holds any more. It is told of them with the next request."""
        self.alive = True

    def send(self, message: dict[str, Any], lend: wire.Lend) -> None:
        """Send one request, or the answer to a callback.

        Raises CannotCross if it holds what can't cross, WireError if the worker spoke unasked, Closed if it is gone.
        """
        try:
            frame = wire.Encoder(lend).frame(message)
        except wire.WireError as error:
            raise CannotCross(error) from None
        self.send_frames(*frame)

    def send_frames(self, *parts: Any) -> None:
        """Send whole frames. Raises WireError if the worker spoke unasked, Closed if it is gone."""
        try:
            self._channel.expect_silence()
        except Garbled as error:
            raise wire.WireError(error.code, **error.arguments) from None
        self._channel.send(list(parts))

    def receive(self, borrow: wire.Borrow) -> Any:
        """The next message. Raises WireError for anything that isn't one, Closed if the worker is gone."""
        caps = wire.CAPS
        try:
            header, buffers = self._channel.receive(caps.header, caps.buffers, caps.total)
        except Garbled as error:
            raise wire.WireError(error.code, **error.arguments) from None
        self.weight = 64 * len(header) + sum(buffer.nbytes for buffer in buffers)
        began = time.perf_counter()
        try:
            return wire.Decoder(buffers, borrow).value(header)
        finally:
            self.decoding += time.perf_counter() - began

    def cpu_seconds(self) -> float:
        """CPU seconds so far, from the kernel."""
        if self.alive:
            self.spent = max(self.spent, cpu_of(self._started.pid))
        return self.spent

    def end(self, patience: float = 0.0) -> Ended | None:
        """End it. Returns how it ended, or None if it had been ended before."""
        if not self.alive:
            return None
        self.cpu_seconds()
        self.alive = False
        if not patience:
            self._channel.close()
        ended = self._workers.end(self._started.number, patience)
        self._channel.close()
        self.spent = max(self.spent, ended.seconds)
        return ended

    def wait_for_end(self) -> Ended | None:
        """How it ended by itself. It is killed if it does not end within a moment."""
        return self.end(_OWN_END)

    def _watched(self) -> None:
        if self.watch is not None:
            self.watch()


__all__ = ["Closed", "Worker", "Workers"]
