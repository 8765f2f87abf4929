"""The plan: which checks a kata has, in which order they run, and which of them a job asks for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pytest

from grader.banks import drawn
from grader.model import POINTS, Check, Extent, GraderError, Group, Job

_SAMPLE = 10
"""Checks that a second look runs at the least."""
_CERTAIN = (Group.EXAMPLES, Group.ORACLE)
"""Groups that a second look runs whole."""


@dataclass(frozen=True)
class PlannedCheck:
    """One check, and the tests that pytest collected for it: one for each set of parameters."""

    check: Check
    items: tuple[pytest.Item, ...]
    seconds: float | None = None
    """CPU seconds that one call may take. None: what the limits of the submission say."""

    @property
    def properties(self) -> list[pytest.Function]:
        """The tests that are given drawn examples."""
        return [item for item in self.items if isinstance(item, pytest.Function) and drawn.is_property(item)]


Plan = tuple[PlannedCheck, ...]
"""All checks of a kata, in the order in which they run."""


def planned(items: Iterable[pytest.Item]) -> Plan:
    """Make the plan of what pytest collected. Raises GraderError for a check without a group."""
    by_name: dict[str, list[pytest.Item]] = {}
    for item in items:
        by_name.setdefault(getattr(item, "originalname", item.name), []).append(item)
    checks = [_planned_check(name, tests) for name, tests in by_name.items()]
    return tuple(sorted(checks, key=lambda each: list(Group).index(each.check.group)))


def wanted(plan: Plan, job: Job) -> Plan:
    """The checks that a job asks for, in the plan's order."""
    if job.extent is Extent.PLAN:
        return ()
    if job.audit.only_properties:
        return tuple(each for each in plan if each.properties)
    return _sample(plan) if job.extent is Extent.SAMPLE else plan


def properties_of(plan: Iterable[PlannedCheck]) -> list[pytest.Function]:
    """Every test of these checks that is given drawn examples."""
    return [item for each in plan for item in each.properties]


def _planned_check(name: str, items: Sequence[pytest.Item]) -> PlannedCheck:
    first = items[0]
    mark = next((mark for mark in first.iter_markers() if mark.name in list(Group)), None)
    if mark is None:
        raise GraderError(f"{name} has no group: mark it with one of {', '.join(Group)}")
    facts, group = mark.kwargs, Group(mark.name)
    says = " ".join((getattr(first, "obj", None).__doc__ or name.replace("_", " ")).split())
    spec = tuple(str(facts.get("spec", "")).split())
    check = Check(name, says, group, facts.get("points", POINTS[group]), spec, facts.get("hint"))
    return PlannedCheck(check, tuple(items), facts.get("seconds"))


def _sample(plan: Plan) -> Plan:
    certain = [each for each in plan if each.check.group in _CERTAIN]
    others = [each for each in plan if each.check.group not in (*_CERTAIN, Group.SPEED)]
    chosen = {each.check.name for each in [*certain, *others[: max(0, _SAMPLE - len(certain))]]}
    return tuple(each for each in plan if each.check.name in chosen)
