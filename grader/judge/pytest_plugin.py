"""The only place that knows pytest: the plan at collection, one verdict a check, and what its message needs."""

import contextlib
import gc
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, settings

from grader.banks import codec, drawn, replay
from grader.judge import explain, prepare
from grader.judge.proxies import StandIn
from grader.judge.remote_module import Submitted
from grader.judge.slots import profile_of
from grader.model import POINTS, Check, Examples, GraderError, Group, Job, Kata, Outcome, Reason, Verdict
from grader.protocol.errors import WorkerLost
from grader.protocol.wire import WireError

_SEVERAL, _MANY = 2, 3
"""Submissions of a kata from which on it is worth while to run its oracles, and to find out what its properties ask."""
_NO_SHRINK = (Phase.explicit, Phase.generate, Phase.target)
_PLUGINS = (
    "cacheprovider terminal faulthandler unraisableexception threadexception logging warnings stepwise pastebin "
    "junitxml doctest tmpdir monkeypatch capture recwarn nose setuponly setupplan legacypath subtests"
).split()

settings.register_profile(
    "kata",
    database=None,
    deadline=None,
    max_examples=50,
    print_blob=False,
    report_multiple_bugs=False,
    phases=(Phase.explicit, Phase.generate, Phase.target, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


class Collected(NamedTuple):
    """A check, what pytest collected for it, and the CPU seconds that one call may take where its mark says so."""

    check: Check
    items: list[pytest.Item]
    seconds: float | None

    @property
    def properties(self) -> list[pytest.Function]:
        """Those of its items that are given drawn examples."""
        return [item for item in self.items if isinstance(item, pytest.Function) and drawn.is_property(item)]


Loop = Callable[["Runner", list[Collected]], None]


def register_marks(config: pytest.Config) -> None:
    """Make the groups known as marks."""
    for group in Group:
        config.addinivalue_line(
            "markers", f"{group}(spec, points, hint, seconds): group of a check, and the rules it holds"
        )


def collect_and(kata: Kata, loop: Loop) -> None:
    """Collect the checks of a kata once and hand them to `loop`. Raises GraderError if they can't be collected."""
    settings.load_profile("kata")
    sys.modules[kata.name] = StandIn(kata.name)
    runner = Runner(loop)
    switches = [argument for name in _PLUGINS for argument in ("-p", f"no:{name}")]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    where = ["-c", os.devnull, "--rootdir", str(kata.checks.parent), "--noconftest", "--import-mode=importlib"]
    pytest.main([*switches, *where, "--strict-markers", str(kata.checks)], plugins=[runner])
    if runner.complaint:
        raise GraderError(f"the checks of {kata.id} can't be collected: {runner.complaint}")


class Runner:
    """Runs collected checks and tells what became of each."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._submitted: Submitted | None = None
        self._operands: tuple[str, Any, Any] | None = None
        self._error: BaseException | None = None
        self.prepared = prepare.Prepared({}, {}, {})
        self._prepared_for: tuple[int, Examples, str] | None = None
        self._jobs = 0
        self._replays = self._shrink = self._tells = False
        self.refuted_by: tuple[str, bytes] | None = None
        self.complaint = "nothing was collected"

    def pytest_configure(self, config: pytest.Config) -> None:
        """Know the marks."""
        register_marks(config)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what went wrong."""
        if report.failed:
            self.complaint = str(report.longrepr)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Give way to the judge's loop."""
        if session.testsfailed:
            return True
        try:
            plan = planned(session.items)
        except GraderError as error:
            self.complaint = str(error)
            return True
        if plan:
            self.complaint = ""
            self._loop(self, plan)
        return True

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Keep the first exception of setup, call and teardown; pytest's own account would cost more than the check."""
        if call.excinfo is not None and self._error is None:
            self._error = call.excinfo.value
        outcome: Literal["passed", "failed"] = "passed" if call.excinfo is None else "failed"
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, call.when)  # type: ignore[arg-type]

    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> list[str]:
        """Keep the operands of the comparison that failed, and spare pytest's own account: it could take hours."""
        self._operands = (op, left, right)
        return [f"the answer {op} what was expected"]

    def prepare(self, plan: list[Collected], kata: Kata, job: Job) -> None:
        """Have the examples of every property at hand, before the fork that judges a submission."""
        properties = [item for each in plan for item in each.properties]
        wanted = (job.seed, job.examples, job.isolation)
        self._jobs += 1
        if self._prepared_for == wanted:
            self._prepare_for_many(properties, kata)
            return
        self.prepared = prepare.prepare(properties, kata, job)
        self._prepared_for = wanted
        gc.collect()
        gc.freeze()  # forks need not look through what they share

    def _prepare_for_many(self, properties: list[pytest.Function], kata: Kata) -> None:
        """Do once what each submission would do, now that there are several."""
        if profile_of(kata) == "plain":
            if self._jobs == _MANY:
                self.prepared = prepare.foreseen(properties, self.prepared, kata)
        elif self._jobs == _SEVERAL:
            prepare.remembered(properties, self.prepared)

    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Run a property on its bank, or have hypothesis hunt for an audit; anything else is run by pytest."""
        __tracebackhide__ = True
        if (bank := self.prepared.banks.get(pyfuncitem.nodeid)) is None:
            return None
        if self._replays and self._submitted is not None:
            self._submitted.follow(self.prepared.scripts.get(pyfuncitem.nodeid, ()))
            try:
                begin = self._submitted.begin
                replay.replay(pyfuncitem.obj, bank, shrink=self._shrink, clock=self._spent, begin=begin)
            finally:
                self._submitted.follow(())
        elif self._shrink:
            replay.hunt(pyfuncitem.obj, bank.records, self._spent)
        else:
            return None
        return True

    def begin(self, submitted: Submitted, plan: list[Collected], job: Job) -> None:
        """Judge this submission, with the job's examples."""
        self._submitted, self._replays = submitted, job.examples is not Examples.HYPOTHESIS
        self._shrink, self._tells = job.shrink, job.audit.only_properties
        for item in (item for each in plan for item in each.properties):
            function = item.obj
            hypothesis.seed(job.seed)(function)
            function.hypothesis.inner_test = self._forgetful(function.hypothesis.inner_test, item.nodeid)
            if job.examples is Examples.HYPOTHESIS and not job.shrink:
                own = function._hypothesis_internal_use_settings  # noqa: SLF001  there is no other way to
                function._hypothesis_internal_use_settings = settings(own, phases=_NO_SHRINK)  # noqa: SLF001

    def verdict(self, each: Collected, following: pytest.Item | None) -> Verdict:
        """Run one check, all its parameters or up to the first that fails."""
        submitted = self._submitted
        if submitted is None:
            raise GraderError("no submission to judge")
        self._forget()
        self.refuted_by = None
        submitted.begin_check(each.check.name, each.seconds)
        if (refusal := submitted.refusal()) is not None:
            return self._judged(each.check, refusal, called=True)
        ends = [*each.items[1:], following]
        asked = submitted.asked
        for item, after in zip(each.items, ends, strict=True):
            self._forget()
            self._error = None
            try:
                submitted.hold_to_budget()
                item.ihook.pytest_runtest_protocol(item=item, nextitem=after)
            except WorkerLost as lost:
                self._error = lost
            if self._error is not None:
                # What fixtures share may be an answer to an earlier check.
                shared = bool(getattr(item, "fixturenames", ())) and submitted.asked > 0
                return self._judged(each.check, self._error, called=shared or submitted.asked > asked)
        return Verdict(each.check.name, Outcome.PASSED)

    def _forgetful(self, inner: Callable[..., Any], name: str) -> Callable[..., Any]:
        """A property's test that begins each example afresh."""
        records = codec.records_of(inner)

        def example(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            self._forget()
            if self._tells:
                with contextlib.suppress(WireError):  # a property that has no bank may be given anything
                    self.refuted_by = name, codec.encode(codec.Example(args, kwargs), records)
            return inner(*args, **kwargs)

        return example

    def _spent(self) -> float:
        return time.process_time() + (self._submitted.cost() if self._submitted else 0.0)

    def _forget(self) -> None:
        self._operands = None
        if self._submitted is not None:
            self._submitted.calls.clear()

    def _judged(self, check: Check, error: BaseException, *, called: bool) -> Verdict:
        calls = list(self._submitted.calls) if self._submitted else []
        try:
            return explain.told(check, error, calls, self._operands, called=called)
        except MemoryError:  # answers that are too large to be told
            self._forget()
            return Verdict(check.name, Outcome.FAILED, reason=Reason("too_large_to_show"))


def planned(items: list[pytest.Item]) -> list[Collected]:
    """The plan: one check a function, whatever its parameters. Raises GraderError for a check without a group."""
    plan: dict[str, Collected] = {}
    for item in items:
        name = getattr(item, "originalname", item.name)
        if name in plan:
            plan[name].items.append(item)
            continue
        mark = next((mark for mark in item.iter_markers() if mark.name in list(Group)), None)
        if mark is None:
            raise GraderError(f"{name} has no group: mark it with one of {', '.join(Group)}")
        facts, group = mark.kwargs, Group(mark.name)
        says = " ".join((getattr(item, "obj", None).__doc__ or name.replace("_", " ")).split())
        spec = tuple(str(facts.get("spec", "")).split())
        check = Check(name, says, group, facts.get("points", POINTS[group]), spec, facts.get("hint"))
        plan[name] = Collected(check, [item], facts.get("seconds"))
    return sorted(plan.values(), key=lambda each: list(Group).index(each.check.group))


def hypothesis_home(folder: Path) -> None:
    """Where hypothesis may keep its tables of Unicode, which take a second to make."""
    hypothesis.configuration.set_hypothesis_home_dir(folder)
