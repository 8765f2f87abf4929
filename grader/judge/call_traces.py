"""Records which requests a property makes of the reference, example by example. Pipelining sends them early."""

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from grader.protocol import frames, wire

CallTrace = Sequence[Sequence[bytes]]
"""For each example of a property, the requests that it makes of the reference."""


class Unpredictable(Exception):  # noqa: N818  not an error of anybody's
    """What a property asks can't be known beforehand."""


def frame_of(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes | None:
    """The request for a call of a function. None if it holds an object of a worker, or a function to call back."""
    request = {"op": "call", "on": None, "name": name, "args": list(args), "kwargs": kwargs, "drop": []}
    try:
        return b"".join(wire.Encoder().frame(request))
    except wire.WireError:
        return None


class TraceRecorder:
    """Answers for the reference, in this process, and keeps the requests. For a check it is like a learner."""

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


def record(recorder: TraceRecorder, runs: Sequence[Callable[[], Any]]) -> CallTrace:
    """The requests of each run. The trace ends before the first run that can't be predicted."""
    trace: list[list[bytes]] = []
    for run in runs:
        recorder.frames = []
        try:
            run()
        except Unpredictable:
            break
        except Exception:  # noqa: BLE001  an assumption that doesn't hold, or a check of ours that the audit will find
            recorder.frames = []
        trace.append(recorder.frames)
    return trace


def _copy(value: Any) -> Any:
    header, buffers = frames.split(b"".join(wire.Encoder().frame(value)))
    return wire.Decoder(buffers).value(header)
