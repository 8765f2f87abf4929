"""What a warm verdict is made of: `python benchmarks/one_submission.py [KATA]`.

A further submission in the same run; the start of a worker; round trips over the wire. `python -m benchmarks` measures
whole commands, and compares.
"""

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from grader.content import catalog
from grader.grading.judge_process import Judge
from grader.judge.loading import Code
from grader.judge.messages import Request
from grader.judge.remote_module import RemoteModule
from grader.judge.slots import PROFILES, Zygote, profile_of
from grader.judge.workers import Workers
from grader.model import Job, Limits
from grader.protocol import wire
from grader.sandbox.backends import registry
from grader.sandbox.slot import Slot

RUNS = 7
CALLS = 200


def main(name: str = "user_cf") -> None:
    """Measure and print."""
    kata = catalog.find(name)
    print(f"a further submission of {kata.name}: {summary(seconds_of_the_next(kata), 1000, 'ms')}")
    measure_workers(kata)


def seconds_of_the_next(kata: catalog.Kata) -> list[float]:
    """Wall seconds of each submission but the first, in one warm judge."""
    judge, found = Judge(), []
    job = Request(kata, Job(kata.id, kata.reference.read_bytes(), registry.resolve("auto")))
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        for _ in judge.events(job):
            pass
        found.append(time.perf_counter() - began)
    judge.close()
    return found[1:]


def measure_workers(kata: catalog.Kata) -> None:
    """Start of a worker until it has answered once, and round trips."""
    slot = Slot(PROFILES[profile_of(kata)], registry.resolve("auto"))
    slot.wait_until_ready()
    zygote = Zygote(slot.control)
    workers = Workers(zygote.start, zygote.end, slot.host.pid)
    code = Code("echo", b"def echo(value):\n    return value\n", ())
    starts = []
    for _ in range(20):
        began = time.perf_counter()
        module = RemoteModule(workers, code, Limits())
        module.call(None, "echo", (1,), {})
        starts.append(time.perf_counter() - began)
        module.close()
    print(f"start of a worker until its first answer: {summary(starts, 1000, 'ms')}")
    module = RemoteModule(workers, code, Limits())
    for label, value in (
        ("scalar", 1.0),
        ("100x100 floats", np.ones((100, 100))),
        ("list of 1,000 ints", list(range(1000))),
    ):
        print(f"round trip, {label}: {summary([timed(module, value) for _ in range(5)], 1e6, 'us')}")
    encoding = [timed_call(lambda: wire.Encoder().frame(np.ones((100, 100)))) for _ in range(50)]
    print(f"encoding 100x100 floats: {summary(encoding, 1e6, 'us')}")
    module.close()
    slot.close()


def timed(module: RemoteModule, value: object) -> float:
    """Seconds of one call, over many."""
    began = time.perf_counter()
    for _ in range(CALLS):
        module.call(None, "echo", (value,), {})
    return (time.perf_counter() - began) / CALLS


def timed_call(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def summary(values: list[float], scale: float = 1.0, unit: str = "s") -> str:
    """Median and range."""
    low, middle, high = (each(values) * scale for each in (min, statistics.median, max))
    return f"{middle:.3g} {unit} [{low:.3g}, {high:.3g}]"


if __name__ == "__main__":
    main(*sys.argv[1:])
