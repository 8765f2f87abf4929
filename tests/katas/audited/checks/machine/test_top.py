"""Checks of the largest values, for the tests of the audit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from top import top


@pytest.mark.examples(spec="T1")
def test_the_two_largest() -> None:
    """The two largest come back."""
    assert sorted(top([4, 9, 7, 1], 2)) == [7, 9]


@pytest.mark.examples(spec="T1")
def test_best_first() -> None:
    """They come best first."""
    assert top([4, 9, 7, 1], 3) == [9, 7, 4]


@pytest.mark.edges(spec="T2")
def test_no_more_than_there_are() -> None:
    """A large k gives all, repeated ones too."""
    assert sorted(top([5, 5, 1], 9)) == [1, 5, 5]


@pytest.mark.edges(spec="T3")
def test_a_negative_k_is_refused() -> None:
    """A negative k raises ValueError."""
    with pytest.raises(ValueError):
        top([1], -1)


@pytest.mark.oracle(spec="T1 T2")
@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(0, 5))
def test_one_by_one(values: list[int], k: int) -> None:
    """Taking the largest k times gives the same."""
    left, taken = list(values), []
    while left and len(taken) < k:
        taken.append(max(left))
        left.remove(taken[-1])
    assert top(values, k) == taken
