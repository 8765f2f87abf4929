"""Attacks that do succeed: each is to fail one day, and then this file says so, and it joins the others."""

from collections.abc import Iterator

import pytest

from grader.lane import Judge
from grader.model import Job, Status


@pytest.fixture
def judge() -> Iterator[Judge]:
    judge = Judge()
    yield judge
    judge.close()


@pytest.mark.xfail(strict=True, reason="the speed check of user_cf times answers that it throws away")
def test_hostile_submission_is_judged_by_the_answers_that_are_timed(judge, graded, attack, kata, confined) -> None:
    hostile = attack("fast_and_wrong")
    assert graded(judge, Job(kata(hostile.kata), hostile.code, confined)).status is Status.FAILED
