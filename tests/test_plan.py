"""The plan of a kata's checks, and the part of it that a job asks for."""

from types import SimpleNamespace
from typing import Any

import pytest

from grader.judge.plan import Plan, planned, wanted
from grader.model import Extent, ForAudit, GraderError, Group, Job


def item(name: str, group: str | None = "edges", says: str | None = None, **facts: Any) -> Any:
    """As much of what pytest collects as is looked at."""
    marks = [SimpleNamespace(name="parametrize", kwargs={})]
    marks += [SimpleNamespace(name=group, kwargs=facts)] if group else []
    return SimpleNamespace(
        originalname=name, name=f"{name}[1]", obj=SimpleNamespace(__doc__=says), iter_markers=lambda: iter(marks)
    )


def job(extent: Extent = Extent.WHOLE, audit: ForAudit | None = None) -> Job:
    return Job("machine/echo", b"", "bare", extent=extent, audit=audit or ForAudit())


def names(plan: Plan) -> list[str]:
    return [each.check.name for each in plan]


def test_tests_of_one_function_are_one_check() -> None:
    first, other, second = item("test_a"), item("test_b"), item("test_a")
    plan = planned([first, other, second])
    assert names(plan) == ["test_a", "test_b"]
    assert plan[0].items == (first, second)


def test_checks_run_in_the_order_of_their_groups() -> None:
    groups = ["speed", "oracle", "examples", "interface", "edges"]
    plan = planned([item(f"test_{group}", group) for group in groups])
    assert names(plan) == ["test_interface", "test_examples", "test_edges", "test_oracle", "test_speed"]


def test_a_check_is_what_its_mark_and_its_docstring_say() -> None:
    (each,) = planned([item("test_a", "data", " It\n  adds. ", spec="A1 A2", points=7, hint=2, seconds=9.0)])
    check = each.check
    assert (check.says, check.group, check.points, check.spec, check.hint) == (
        "It adds.",
        Group.DATA,
        7,
        ("A1", "A2"),
        2,
    )
    assert each.seconds == 9.0
    (each,) = planned([item("test_it_adds", "data")])
    assert (each.check.says, each.check.points, each.seconds) == ("test it adds", 2, None)


def test_a_check_needs_a_group() -> None:
    with pytest.raises(GraderError, match="test_a has no group: mark it with one of interface, examples"):
        planned([item("test_b"), item("test_a", group=None)])


def checks(**many: int) -> Plan:
    return planned([item(f"test_{group}_{at}", group) for group, count in many.items() for at in range(count)])


def test_a_whole_job_wants_every_check_and_a_plan_none() -> None:
    plan = checks(interface=2, oracle=1)
    assert wanted(plan, job()) == plan
    assert wanted(plan, job(Extent.PLAN)) == ()
    assert wanted(plan, job(Extent.PLAN, ForAudit(only_properties=True))) == ()


def test_a_job_for_properties_leaves_out_what_is_none() -> None:
    assert wanted(checks(interface=2, oracle=1), job(audit=ForAudit(only_properties=True))) == ()


@pytest.mark.parametrize(
    ("many", "first_others"),
    [
        ({"interface": 4, "examples": 3, "edges": 9, "oracle": 2, "speed": 1}, 5),
        ({"interface": 4, "examples": 12, "oracle": 2, "speed": 1}, 0),
        ({"interface": 1, "examples": 1, "speed": 1}, 1),
    ],
)
def test_a_second_look_wants_what_is_certain_and_ten_checks_but_none_of_speed(
    many: dict[str, int], first_others: int
) -> None:
    plan = checks(**many)
    certain = [name for name in names(plan) if "examples" in name or "oracle" in name]
    others = [name for name in names(plan) if name not in certain and "speed" not in name][:first_others]
    chosen = names(wanted(plan, job(Extent.SAMPLE)))
    assert sorted(chosen) == sorted([*certain, *others])
    assert chosen == [name for name in names(plan) if name in chosen]
