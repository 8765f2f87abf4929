"""Calls sent before a property makes them: each round trip saved is two changes of process.

A property's calls on an example are mostly known: they are those that it made on the reference. Requests for several
examples are sent at once, more each time; when the property makes a call, its answer is there. What a submission
answers otherwise than the reference may lead to other calls: then the answers to what isn't asked are thrown away.
"""

from collections import deque
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, NamedTuple

from grader.protocol import frames, wire

Script = Sequence[Sequence[bytes]]
"""For each example of a property, the requests that it makes of the reference."""
_MOST = 32
"""Examples sent at once."""
_BYTES = 1 << 18
"""Bytes sent at once: what fits into a socket, or both sides would wait for the other to read."""


class Unpredictable(Exception):  # noqa: N818  not an error of anybody's
    """What a property asks can't be told beforehand."""


class _Sent(NamedTuple):
    example: int
    frame: bytes


def frame_of(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes | None:
    """The request for a call of a function; None if it holds what a worker would have to lend or call back."""
    request = {"op": "call", "on": None, "name": name, "args": list(args), "kwargs": kwargs, "drop": []}
    try:
        return b"".join(wire.Encoder().frame(request))
    except wire.WireError:
        return None


class Ahead:
    """What has been sent of one property's script, and what comes next."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._sent: deque[_Sent] = deque()
        self._now = self._next = 0
        self._asked = False
        self._size = 1

    @property
    def waiting(self) -> int:
        """Answers that will come and haven't been read."""
        return len(self._sent)

    def begin(self, example: int) -> None:
        """The property begins this example."""
        self._now, self._asked = example, False

    def outdated(self) -> bool:
        """Whether the next answer is to a call of an earlier example that wasn't made; it is forgotten then."""
        if self._sent and self._sent[0].example < self._now:
            self._sent.popleft()
            return True
        return False

    def is_next(self, frame: bytes) -> bool:
        """Whether the next answer is to this call."""
        if self._sent and self._sent[0] == (self._now, frame):
            self._sent.popleft()
            self._asked = True
            return True
        return False

    def forget(self) -> None:
        """None of what was sent is waited for any more; what belongs to later examples is sent again."""
        self._sent.clear()
        self._next = self._now + 1

    def to_send(self, frame: bytes) -> bytes:
        """The requests to send at once, if this call is the first that is expected of this example; else none."""
        asked, self._asked = self._asked, True
        expected = self._script[self._now][:1] if self._now < len(self._script) else []
        if asked or self._sent or self._next > self._now or expected != [frame]:
            return b""
        self._next, room = self._now, _BYTES
        for example in range(self._now, min(self._now + self._size, len(self._script))):
            requests = self._script[example]
            room -= sum(map(len, requests))
            if room < 0:
                break
            self._sent.extend(_Sent(example, each) for each in requests)
            self._next = example + 1
        self._size = min(2 * self._size, _MOST)
        return b"".join(sent.frame for sent in self._sent)


class Recorder:
    """Answers for the reference, in this process, and keeps what it is asked. Like a learner to a check."""

    def __init__(self, name: str, source: str) -> None:
        self._module = ModuleType(name)
        self.frames: list[bytes] = []
        exec(compile(source, f"{name}.py", "exec"), vars(self._module))  # noqa: S102  ours, and trusted

    def call(self, target: int | None, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a function of the reference on copies, as across the wire."""
        frame = frame_of(name, args, kwargs) if target is None else None
        if frame is None:
            raise Unpredictable
        self.frames.append(frame)
        answer = getattr(self._module, name)(*_copy(list(args)), **_copy(kwargs))
        try:
            return _copy(answer)
        except wire.WireError:
            raise Unpredictable from None

    def release(self, target: int) -> None:
        """Nothing is held."""

    def __getattr__(self, name: str) -> Any:
        raise Unpredictable  # whatever else a learner is asked for


def record(recorder: Recorder, runs: Sequence[Callable[[], Any]]) -> Script:
    """What is asked of the reference in each of these runs; nothing from the first that can't be foreseen on."""
    script: list[list[bytes]] = []
    for run in runs:
        recorder.frames = []
        try:
            run()
        except Unpredictable:
            break
        except Exception:  # noqa: BLE001  an assumption that doesn't hold, or a check of ours that the audit will find
            recorder.frames = []
        script.append(recorder.frames)
    return script


def _copy(value: Any) -> Any:
    header, buffers = frames.split(b"".join(wire.Encoder().frame(value)))
    return wire.Decoder(buffers).value(header)
