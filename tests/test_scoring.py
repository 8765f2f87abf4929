"""Points and statuses, whatever the plan and whatever was heard of it."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from grader import scoring
from grader.model import Check, Group, KataReport, Outcome, Report, Score, Status, Verdict

plans = st.lists(st.integers(0, 9), max_size=8).map(
    lambda points: tuple(Check(f"test_{i}", "Says so.", Group.EDGES, each) for i, each in enumerate(points))
)
outcomes = st.sampled_from(Outcome)
names = st.integers(0, 9).map("test_{}".format)
verdicts = st.lists(st.builds(Verdict, names, outcomes), max_size=12, unique_by=lambda verdict: verdict.check)


@given(plans, verdicts)
def test_score_is_between_nothing_and_what_the_plan_makes_possible(plan, heard):
    score = scoring.score(plan, heard)
    assert 0 <= score.earned <= score.possible == sum(check.points for check in plan)


@given(plans, verdicts)
def test_score_is_the_sum_of_the_checks_that_passed(plan, heard):
    passed = {verdict.check for verdict in heard if verdict.outcome is Outcome.PASSED}
    assert scoring.score(plan, heard).earned == sum(check.points for check in plan if check.name in passed)


@given(plans, verdicts, st.randoms(use_true_random=False))
def test_order_of_verdicts_does_not_matter(plan, heard, random):
    shuffled = random.sample(heard, len(heard))
    assert scoring.score(plan, shuffled) == scoring.score(plan, heard)
    assert scoring.kata_status(plan, shuffled) == scoring.kata_status(plan, heard)


@given(plans, verdicts, verdicts)
def test_a_verdict_that_is_lost_never_helps(plan, heard, lost):
    kept = [verdict for verdict in heard if verdict not in lost]
    assert scoring.score(plan, kept).earned <= scoring.score(plan, heard).earned
    assert scoring.score(plan, kept).possible == scoring.score(plan, heard).possible


@given(plans.filter(bool), verdicts)
def test_a_kata_passes_when_every_check_does(plan, heard):
    everything = {check.name for check in plan} <= {v.check for v in heard if v.outcome is Outcome.PASSED}
    assert scoring.kata_status(plan, heard) == (Status.PASSED if everything else Status.FAILED)


@given(plans, verdicts, st.text(min_size=1))
def test_a_fault_is_an_error_whatever_was_heard(plan, heard, fault):
    assert scoring.kata_status(plan, heard, fault) is Status.ERROR


def test_a_plan_without_checks_passes_nobody():
    assert scoring.kata_status((), ()) is Status.ERROR


def test_all_points_or_none():
    check = Check("test_a", "Says so.", Group.EDGES, 3)
    worth = {outcome: scoring.earned(check, Verdict("test_a", outcome)) for outcome in Outcome}
    assert worth == dict.fromkeys(Outcome, 0) | {Outcome.PASSED: 3}
    assert scoring.earned(check, None) == 0


@given(st.lists(st.sampled_from([Status.PASSED, Status.FAILED, Status.ERROR]), min_size=1))
def test_a_submission_is_as_good_as_its_worst_kata(statuses):
    worst = max(statuses, key=[Status.PASSED, Status.FAILED, Status.ERROR].index)
    assert scoring.submission_status(KataReport("t/k", status) for status in statuses) is worst


def test_a_submission_with_a_fault_is_an_error():
    assert scoring.submission_status([KataReport("t/k", Status.FAILED, fault="ours")]) is Status.ERROR


def test_a_submission_without_a_kata_passes_nothing():
    assert scoring.submission_status([]) is Status.ERROR


def test_a_submission_has_the_sum_of_its_katas(failing: Report):
    assert [scoring.kata_score(kata) for kata in failing.katas] == [Score(28, 53), Score(10, 10)]
    assert scoring.submission_score(failing) == Score(38, 63)


def test_a_fault_leaves_no_score_and_the_other_katas_keep_theirs(faulty: Report):
    assert scoring.submission_score(faulty) is None
    assert [scoring.kata_score(kata) for kata in faulty.katas] == [None, Score(10, 10)]


def test_a_submission_that_says_error_has_no_score(passing: Report):
    assert scoring.submission_score(msgspec.structs.replace(passing, status=Status.ERROR)) is None
