"""What a warm verdict is made of: the start of a worker, and round trips over the wire."""

import time
from collections.abc import Callable

import numpy as np

from benchmarks.bench import Bench, Finding
from benchmarks.figures import figure
from grader.judge.remote_module import Code, RemoteModule
from grader.judge.slots import PROFILES, Zygote
from grader.judge.workers import Workers
from grader.model import Limits
from grader.protocol import wire
from grader.sandbox.backends import registry
from grader.sandbox.slot import Slot

_CODE = Code("echo", b"def echo(value):\n    return value\n", ())
_VALUES = {
    "a scalar": 1.0,
    "an array of 100 x 100 floats": np.ones((100, 100)),
    "a list of 1,000 ints": list(range(1000)),
}
_STARTS, _TURNS, _CALLS = 20, 5, 200
_HEAD = ("what", "µs")


def calls(bench: Bench) -> list[Finding]:
    """A worker of the plain slot, asked from this process as a judge asks it."""
    bench.told("calls")
    slot = Slot(PROFILES["plain"], registry.resolve("auto"))
    try:
        slot.wait_until_ready()
        zygote = Zygote(slot.control)
        workers = Workers(zygote.start, zygote.end, slot.charged)
        rows = [_row("start of a worker until its first answer", [_start(workers) for _ in range(_STARTS)])]
        module = RemoteModule(workers, _CODE, Limits())
        rows += [
            _row(f"round trip: {name}", [_round_trip(module, value) for _ in range(_TURNS)])
            for name, value in _VALUES.items()
        ]
        rows += [
            _row(f"encoding {name}", [_seconds(_encoding(value)) for _ in range(50)]) for name, value in _VALUES.items()
        ]
        module.close()
    finally:
        slot.close()
    says = "Wall seconds in one process, median (lowest to highest); each round trip is the mean of many."
    return [Finding("What a warm verdict is made of", says, _HEAD, rows, {})]


def _start(workers: Workers) -> float:
    def start() -> None:
        module = RemoteModule(workers, _CODE, Limits())
        module.call(None, "echo", (1,), {})
        module.close()

    return _seconds(start)


def _round_trip(module: RemoteModule, value: object) -> float:
    def ask() -> None:
        for _ in range(_CALLS):
            module.call(None, "echo", (value,), {})

    return _seconds(ask) / _CALLS


def _encoding(value: object) -> Callable[[], object]:
    return lambda: wire.Encoder().frame(value)


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _row(what: str, seconds: list[float]) -> tuple[str, ...]:
    return what, str(figure([1e6 * each for each in seconds]))
