"""pytest's hooks, and what it is started with: it collects a kata's checks once, and runs them one by one."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import settings

from grader.judge import hypothesis_profile
from grader.judge.examples import PropertyExamples
from grader.judge.plan import Plan, planned, properties_of
from grader.judge.proxies import ModuleProxy
from grader.model import GraderError, Group, Kata

if TYPE_CHECKING:
    from grader.judge.assertion_recorder import AssertionRecorder
    from grader.judge.property_runner import PropertyRunner

_PLUGINS = (
    "cacheprovider terminal faulthandler unraisableexception threadexception logging warnings stepwise pastebin "
    "junitxml doctest tmpdir monkeypatch capture recwarn nose setuponly setupplan legacypath subtests"
).split()
"""Plugins of pytest that no check needs: each costs time in every test."""


@dataclass(frozen=True)
class CheckSuite:
    """The collected checks of one kata."""

    plan: Plan
    examples: PropertyExamples
    _plugins: pytest.PytestPluginManager

    def run_with(self, hooks: "CheckHooks") -> None:
        """Have pytest ask these hooks from now on. For a fork: it judges one submission."""
        self._plugins.register(hooks)


Loop = Callable[[CheckSuite], None]


def register_marks(config: pytest.Config) -> None:
    """Make the groups known as marks."""
    for group in Group:
        config.addinivalue_line(
            "markers", f"{group}(spec, points, hint, seconds): group of a check, and the rules it holds"
        )


def collect_and(kata: Kata, loop: Loop) -> None:
    """Collect the checks of a kata once and hand them to `loop`. Raises GraderError if they can't be collected."""
    settings.load_profile(hypothesis_profile.NAME)
    sys.modules[kata.name] = ModuleProxy(kata.name)
    hooks = _SessionHooks(loop)
    switches = [argument for name in _PLUGINS for argument in ("-p", f"no:{name}")]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    where = ["-c", os.devnull, "--rootdir", str(kata.checks.parent), "--noconftest", "--import-mode=importlib"]
    pytest.main([*switches, *where, "--strict-markers", str(kata.checks)], plugins=[hooks])
    if hooks.complaint:
        raise GraderError(f"the checks of {kata.id} can't be collected: {hooks.complaint}")


class _SessionHooks:
    """Collects the checks, then hands them over in place of pytest's own loop."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self.complaint = "nothing was collected"

    def pytest_configure(self, config: pytest.Config) -> None:
        """Register the marks."""
        register_marks(config)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what went wrong."""
        if report.failed:
            self.complaint = str(report.longrepr)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Make the plan and run the judge's loop. True: pytest's own loop does not run."""
        if session.testsfailed:
            return True
        try:
            plan = planned(session.items)
        except GraderError as error:
            self.complaint = str(error)
            return True
        if plan:
            self.complaint = ""
            self._loop(CheckSuite(plan, PropertyExamples(properties_of(plan)), session.config.pluginmanager))
        return True


class CheckHooks:
    """What pytest asks while checks run: each hook hands on to the object that it concerns."""

    def __init__(self, recorder: "AssertionRecorder", properties: "PropertyRunner") -> None:
        self._recorder, self._properties = recorder, properties

    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Run a property on its examples. None: pytest runs the test."""
        __tracebackhide__ = True
        return self._properties.run(pyfuncitem) or None

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Record an exception. The report is as short as can be: pytest's own would cost more than the check."""
        if call.excinfo is not None:
            self._recorder.record_error(call.excinfo.value)
        outcome: Literal["passed", "failed"] = "passed" if call.excinfo is None else "failed"
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, call.when)  # type: ignore[arg-type]

    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> list[str]:
        """Record the operands of a comparison that failed. This text is used in place of pytest's, which is long."""
        self._recorder.record_comparison(op, left, right)
        return [f"the answer {op} what was expected"]
