"""Runs the properties of one submission: on their examples, or by hypothesis."""

import contextlib
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import hypothesis
from hypothesis import settings

from grader.banks import codec, replay
from grader.judge.hypothesis_profile import NO_SHRINK
from grader.judge.plan import PlannedCheck, properties_of
from grader.judge.prepare import Prepared
from grader.judge.remote_module import RemoteModule
from grader.model import Examples, Job
from grader.protocol.wire import WireError

if TYPE_CHECKING:
    import pytest


class PropertyRunner:
    """Runs properties against one submission. `begin_example` is called before each example."""

    def __init__(self, prepared: Prepared, remote: RemoteModule, job: Job, begin_example: Callable[[], None]) -> None:
        self._prepared, self._remote, self._job = prepared, remote, job
        self._begin_example = begin_example
        self.refuted_by: tuple[str, bytes] | None = None
        """The last example that a property ran on, with pytest's name of the property. Audits alone ask for it."""

    def seed(self, plan: Iterable[PlannedCheck]) -> None:
        """Have every property of the plan draw by the job's seed, and begin each example afresh."""
        job = self._job
        for item in properties_of(plan):
            function = item.obj
            hypothesis.seed(job.seed)(function)
            function.hypothesis.inner_test = self._begun_afresh(function.hypothesis.inner_test, item.nodeid)
            if job.examples is Examples.HYPOTHESIS and not job.shrink:
                own = function._hypothesis_internal_use_settings  # noqa: SLF001  there is no other way to
                function._hypothesis_internal_use_settings = settings(own, phases=NO_SHRINK)  # noqa: SLF001

    def run(self, item: "pytest.Function") -> bool:
        """Run a property on its examples, or let hypothesis hunt for an audit. False: pytest has to run it."""
        __tracebackhide__ = True
        bank = self._prepared.banks.get(item.nodeid)
        if bank is None:
            return False
        if self._job.examples is not Examples.HYPOTHESIS:
            self._replay(item, bank)
        elif self._job.shrink:
            replay.hunt(item.obj, bank.records, self._spent)
        else:
            return False
        return True

    def _replay(self, item: "pytest.Function", bank: replay.Banked) -> None:
        __tracebackhide__ = True
        remote = self._remote
        remote.follow(self._prepared.traces.get(item.nodeid, ()))
        try:
            replay.replay(item.obj, bank, shrink=self._job.shrink, clock=self._spent, begin=remote.begin_example)
        finally:
            remote.follow(())

    def _begun_afresh(self, inner: Callable[..., Any], name: str) -> Callable[..., Any]:
        records = codec.records_of(inner)

        def example(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            self._begin_example()
            if self._job.audit.only_properties:
                with contextlib.suppress(WireError):  # a property without a bank may be given anything
                    self.refuted_by = name, codec.encode(codec.Example(args, kwargs), records)
            return inner(*args, **kwargs)

        return example

    def _spent(self) -> float:
        """CPU seconds of this process and of the submission."""
        return time.process_time() + self._remote.cost()
