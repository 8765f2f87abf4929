"""The measurements: each takes a `Bench` and returns what it has found."""

from collections.abc import Callable

from benchmarks.bench import Bench, Finding
from benchmarks.measures.calls import calls
from benchmarks.measures.cold import cold
from benchmarks.measures.commands import commands
from benchmarks.measures.curriculum import curriculum
from benchmarks.measures.growth import growth
from benchmarks.measures.memory import memory
from benchmarks.measures.throughput import throughput
from benchmarks.measures.warm import warm

MEASURES: dict[str, Callable[[Bench], list[Finding]]] = {
    "cold": cold,
    "throughput": throughput,
    "curriculum": curriculum,
    "warm": warm,
    "memory": memory,
    "growth": growth,
    "commands": commands,
    "calls": calls,
}
"""By the name that `--only` takes, in the order in which they are made."""
WITH_PEERS = {"cold", "throughput"}
