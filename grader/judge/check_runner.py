"""Runs the checks of a plan against one submission, and makes a verdict of each."""

from typing import TYPE_CHECKING

from grader.judge import explain
from grader.judge.assertion_recorder import AssertionRecorder
from grader.judge.plan import PlannedCheck
from grader.judge.property_runner import PropertyRunner
from grader.judge.pytest_plugin import CheckHooks, CheckSuite
from grader.judge.remote_module import RemoteModule
from grader.model import Check, Job, Outcome, Reason, Verdict
from grader.protocol.errors import WorkerLost

if TYPE_CHECKING:
    import pytest


class CheckRunner:
    """Judges one submission, check by check. There is one in each fork that judges."""

    def __init__(self, suite: CheckSuite, remote: RemoteModule, job: Job) -> None:
        self._remote = remote
        self._recorder = AssertionRecorder()
        self._properties = PropertyRunner(suite.examples.prepared, remote, job, self._begin_example)
        self._properties.seed(suite.plan)
        suite.run_with(CheckHooks(self._recorder, self._properties))

    @property
    def refuted_by(self) -> tuple[str, bytes] | None:
        """The example that refuted the last check, if it is a property and an audit asks."""
        return self._properties.refuted_by

    def verdict(self, planned: PlannedCheck, following: PlannedCheck | None) -> Verdict:
        """Run one check: all its tests, or up to the first that fails. `following` is the check that runs next."""
        check, remote = planned.check, self._remote
        self._begin_example()
        self._properties.refuted_by = None
        remote.begin_check(check.name, planned.seconds)
        if remote.is_unloadable:  # an earlier check has said why
            return Verdict(check.name, Outcome.NOT_RUN, reason=Reason("not_run_unloadable"))
        if (refusal := remote.refusal()) is not None:
            return self._explained(check, refusal, called=True)
        asked = remote.asked
        tests = [*planned.items, *(following.items[:1] if following else [None])]
        for item, after in zip(planned.items, tests[1:], strict=True):
            if (error := self._run(item, after)) is not None:
                # what a fixture shares may be an answer to an earlier check
                shared = bool(getattr(item, "fixturenames", ())) and remote.asked > 0
                return self._explained(check, error, called=shared or remote.asked > asked)
        return Verdict(check.name, Outcome.PASSED)

    def _run(self, item: "pytest.Item", after: "pytest.Item | None") -> BaseException | None:
        """Run one test; returns its first exception. pytest keeps the fixtures that the test `after` it shares."""
        self._begin_example()
        self._recorder.begin_test()
        try:
            self._remote.hold_to_budget()
            item.ihook.pytest_runtest_protocol(item=item, nextitem=after)
        except WorkerLost as lost:
            return lost
        return self._recorder.error

    def _begin_example(self) -> None:
        """Forget the calls and the comparison of earlier examples: a message shows those of one example."""
        self._recorder.begin_example()
        self._remote.calls.forget()

    def _explained(self, check: Check, error: BaseException, *, called: bool) -> Verdict:
        try:
            return explain.explain_failure(
                check, error, list(self._remote.calls), self._recorder.operands, called=called
            )
        except MemoryError:  # the answers are too large to be formatted
            self._begin_example()
            return Verdict(check.name, Outcome.FAILED, reason=Reason("too_large_to_show"))
