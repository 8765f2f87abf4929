"""Prepares the examples of one kata's properties, before the fork that judges a submission."""

import contextlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, cast

import pytest

from grader.banks import cache, codec, drawn, replay, shipped
from grader.judge import call_traces
from grader.judge.proxies import Learner, attach
from grader.model import Examples, Job, Kata
from grader.protocol.wire import WireError
from grader.sandbox.backends import registry


class Prepared(NamedTuple):
    """What properties run on, by pytest's names of them."""

    banks: dict[str, replay.Banked]
    drawn: dict[str, int]
    """How many examples were drawn for each."""
    unbanked: dict[str, str]
    """Those that are left to hypothesis, and why, where they were drawn just now."""
    traces: Mapping[str, call_traces.CallTrace] = MappingProxyType({})
    """The requests that each makes of the reference, where they were recorded."""


def prepare(properties: Sequence[pytest.Function], kata: Kata, job: Job) -> Prepared:
    """Read the examples that were kept for this seed, or draw them; add those that ship with the kata."""
    bank = shipped.fitting(kata)
    known = bank.examples if bank else {}
    if job.examples is Examples.SHIPPED:
        return Prepared(_banks(properties, known, {}), {}, {})
    kept = job.examples is Examples.BANK and registry.backend(job.isolation).confines
    examples = cache.read(kata, job.seed) if kept else None
    if examples is not None and _enough(examples, bank):
        with contextlib.suppress(
            WireError, KeyError, TypeError
        ):  # damaged, or of named tuples that there aren't any more
            return Prepared(_banks(properties, known, examples), _counted(examples), {})
    found = {item.nodeid: drawn.draw(item, job.seed) for item in properties}
    examples = {name: data for name, (data, _) in found.items()}
    if kept:
        cache.write(kata, job.seed, examples)
    unbanked = {name: why or "nothing was drawn" for name, (data, why) in found.items() if not data}
    return Prepared(_banks(properties, known, examples), _counted(examples), unbanked)


def _banks(
    properties: Sequence[pytest.Function], known: cache.Drawn, examples: cache.Drawn
) -> dict[str, replay.Banked]:
    return {
        item.nodeid: replay.banked(
            known.get(item.nodeid, ()), examples.get(item.nodeid, ()), codec.records_of(item.obj.hypothesis.inner_test)
        )
        for item in properties
        if item.nodeid in known or examples.get(item.nodeid)
    }


def _counted(examples: cache.Drawn) -> dict[str, int]:
    return {name: len(data) for name, data in examples.items() if data}


def record_traces(properties: Sequence[pytest.Function], prepared: Prepared, kata: Kata) -> Prepared:
    """Record which requests each property makes of the reference, so that they can be pipelined."""
    recorder = call_traces.TraceRecorder(kata.name, kata.reference.read_text(encoding="utf-8"))
    attach(cast("Learner", recorder))
    try:
        traces = {
            item.nodeid: call_traces.record(recorder, bank.runs(item.obj.hypothesis.inner_test))
            for item in properties
            if (bank := prepared.banks.get(item.nodeid))
        }
    finally:
        attach(None)
    return prepared._replace(traces=traces)


def warm_caches(properties: Sequence[pytest.Function], prepared: Prepared) -> None:
    """Run each property until its first call of the learner. That fills the checks' caches before the fork."""
    attach(cast("Learner", _NoLearner()))
    try:
        for item in filter(_has_cache, properties):
            if bank := prepared.banks.get(item.nodeid):
                for run in bank.runs(item.obj.hypothesis.inner_test):
                    with contextlib.suppress(Exception, pytest.fail.Exception):
                        run()
    finally:
        attach(None)


class _NoLearner:
    """Raises at the first call."""

    def __getattr__(self, name: str) -> Any:
        raise call_traces.Unpredictable


def _has_cache(item: pytest.Function) -> bool:
    """Whether the module of a property has a function with a cache."""
    return any(hasattr(each, "cache_info") for each in vars(item.module).values())


def _enough(examples: cache.Drawn, bank: shipped.Shipped | None) -> bool:
    """Whether there are about as many as there have to be; another seed may draw a few less than the first."""
    return bank is None or all(len(examples.get(name, ())) >= many * 2 // 3 for name, many in bank.drawn.items())
