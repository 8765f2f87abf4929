"""What counts as a kill."""

from grader.audit import proof
from grader.model import Check, Group, Outcome

CHECKS = tuple(Check(f"test_{name}", "Says so.", Group.EDGES, 3) for name in "ab")


def test_a_check_that_was_not_run_killed_nothing() -> None:
    matrix = {"unloadable": {"test_a": Outcome.RAISED, "test_b": Outcome.NOT_RUN}}
    assert list(proof._of_checks(CHECKS, matrix, [])) == [
        "test_b kills no mistake: a check that can't fail is a bug",
    ]
