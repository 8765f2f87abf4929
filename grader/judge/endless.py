"""The rule for endless functions: to wait for the same function again and again teaches nothing, and costs minutes."""

from grader.model import Outcome, Reason
from grader.protocol.errors import WorkerLost

_ENDLESS = 3
"""Checks that may end in a time-out. After them no function that timed out in one of them is called any more."""


class EndlessFunctions:
    """Functions that did not end in time, and the checks in which that was seen."""

    def __init__(self) -> None:
        self._check = ""
        self._checks_by_function: dict[str, set[str]] = {}

    def begin_check(self, name: str) -> None:
        """The calls to come are made for this check."""
        self._check = name

    def note(self, function: str, lost: WorkerLost) -> None:
        """Remember how a call of this function ended."""
        if lost.outcome is Outcome.TIMED_OUT:
            self._checks_by_function.setdefault(function, set()).add(self._check)

    def refuse(self, function: str) -> None:
        """Raise WorkerLost for a function that is known not to end."""
        found = self._checks_by_function
        if function in found and len(set().union(*found.values())) >= _ENDLESS:
            raise WorkerLost(Outcome.NOT_RUN, Reason("endless_before", {"function": function}))
