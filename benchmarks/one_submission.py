"""What one verdict costs: `python benchmarks/one_submission.py [KATA]`.

Cold `kata grade` of a reference against plain pytest of the same checks, in process, on the same reference; a second
submission in the same run; wire round trips; the start of a worker; peak memory. Ratios within one run, minima and
medians of several: seconds depend on the machine, ratios less.
"""

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from grader import catalog
from grader.isolation import Slot, resolve
from grader.lane import Judge
from grader.learner import wire
from grader.learner.pool import PROFILES, Zygote, profile_of
from grader.learner.submitted import Code, Submitted
from grader.model import Isolation, Job, Limits

RUNS = 7
CALLS = 2000
# Without cached bytecode both sides would pay for compiling libraries at each start.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def main(name: str = "user_cf") -> None:
    """Measure and print."""
    kata = catalog.find(name)
    grade = [sys.executable, "-m", "grader", "grade", str(kata.reference)]
    plain = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(kata.checks)]
    cold = paired({"kata grade": grade, "plain pytest": plain})
    ratio(
        f"cold, wall: kata grade {kata.name} / plain pytest",
        *[cold[each][0] for each in ("kata grade", "plain pytest")],
    )
    ratio(
        f"cold, CPU: kata grade {kata.name} / plain pytest", *[cold[each][1] for each in ("kata grade", "plain pytest")]
    )
    ratio("second submission in the same run, wall, / plain pytest", seconds_of_the_next(kata), cold["plain pytest"][0])
    measure_workers(kata)
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest process of all: {children:.0f} MB")


def paired(commands: dict[str, list[str]]) -> dict[str, tuple[list[float], list[float]]]:
    """Wall and CPU seconds of each command, in turns, after one turn that isn't counted."""
    found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in commands}
    for turn in range(RUNS + 1):
        for name, command in commands.items():
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            if turn:
                found[name][0].append(time.perf_counter() - began)
                found[name][1].append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return found


def seconds_of_the_next(kata: catalog.Kata) -> list[float]:
    """Wall seconds of each submission but the first, in one warm judge."""
    judge, found = Judge(), []
    job = Job(kata, kata.reference.read_bytes(), resolve(Isolation.AUTO))
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        for _ in judge.events(job):
            pass
        found.append(time.perf_counter() - began)
    judge.close()
    return found[1:]


def measure_workers(kata: catalog.Kata) -> None:
    """Start of a worker until it has answered once, and round trips."""
    slot = Slot(PROFILES[profile_of(kata)], resolve(Isolation.AUTO))
    slot.wait_until_ready()
    code = Code("echo", b"def echo(value):\n    return value\n", ())
    starts = []
    for _ in range(20):
        began = time.perf_counter()
        submitted = Submitted(Zygote(slot.control, slot.host.pid), code, Limits())
        submitted.call(None, "echo", (1,), {})
        starts.append(time.perf_counter() - began)
        submitted.close()
    print(f"start of a worker until its first answer: {summary(starts, 1000, 'ms')}")
    submitted = Submitted(Zygote(slot.control, slot.host.pid), code, Limits())
    for label, value in (
        ("scalar", 1.0),
        ("100x100 floats", np.ones((100, 100))),
        ("list of 1,000 ints", list(range(1000))),
    ):
        print(f"round trip, {label}: {summary([timed(submitted, value) for _ in range(5)], 1e6, 'us')}")
    encoding = [timed_call(lambda: wire.Encoder().frame(np.ones((100, 100)))) for _ in range(50)]
    print(f"encoding 100x100 floats: {summary(encoding, 1e6, 'us')}")
    submitted.close()
    slot.close()


def timed(submitted: Submitted, value: object) -> float:
    """Seconds of one call, over many."""
    began = time.perf_counter()
    for _ in range(CALLS // 10):
        submitted.call(None, "echo", (value,), {})
    return (time.perf_counter() - began) / (CALLS // 10)


def timed_call(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def ratio(what: str, ours: list[float], theirs: list[float]) -> None:
    """Print a ratio of medians, and both sides."""
    found = statistics.median(ours) / statistics.median(theirs)
    print(f"{what}: {found:.2f}  ({summary(ours)}; {summary(theirs)})")


def summary(values: list[float], scale: float = 1.0, unit: str = "s") -> str:
    """Median and range."""
    low, middle, high = (each(values) * scale for each in (min, statistics.median, max))
    return f"{middle:.3g} {unit} [{low:.3g}, {high:.3g}]"


if __name__ == "__main__":
    main(*sys.argv[1:])
