"""All banks of one kata, ready before the fork that judges a submission."""

from collections.abc import Sequence
from typing import NamedTuple

import pytest

from grader.banks import cache, codec, drawn, replay, shipped
from grader.model import Examples, Isolation, Job


class Prepared(NamedTuple):
    """What properties are run on, by pytest's names of them."""

    banks: dict[str, replay.Banked]
    drawn: dict[str, int]
    """How many examples were drawn for each."""
    unbanked: dict[str, str]
    """Those that are left to hypothesis, and why, where they were drawn just now."""


def prepare(properties: Sequence[pytest.Function], job: Job) -> Prepared:
    """Read what is kept, or draw anew; put what shipped with it."""
    bank = shipped.fitting(job.kata)
    kept = job.examples is Examples.BANK and job.isolation is not Isolation.BARE
    examples = cache.read(job.kata, job.seed) if kept else {} if job.examples is Examples.SHIPPED else None
    unbanked: dict[str, str] = {}
    if examples is None or (kept and not _enough(examples, bank)):
        found = {item.nodeid: drawn.draw(item, job.seed) for item in properties}
        examples = {name: data for name, (data, _) in found.items()}
        unbanked = {name: why or "nothing was drawn" for name, (data, why) in found.items() if not data}
        if kept:
            cache.write(job.kata, job.seed, examples)
    known = bank.examples if bank else {}
    banks = {
        item.nodeid: replay.banked(
            known.get(item.nodeid, ()), examples.get(item.nodeid, ()), codec.records_of(item.obj.hypothesis.inner_test)
        )
        for item in properties
        if item.nodeid in known or examples.get(item.nodeid)
    }
    return Prepared(banks, {name: len(data) for name, data in examples.items() if data}, unbanked)


def _enough(examples: cache.Drawn, bank: shipped.Shipped | None) -> bool:
    """Whether there are about as many as there have to be; another seed may draw a few less than the first."""
    return bank is None or all(len(examples.get(name, ())) >= many * 2 // 3 for name, many in bank.drawn.items())
