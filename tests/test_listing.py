"""Which katas there are for a question, a level, an hour."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.content import listing
from grader.content.questions import QUESTIONS
from grader.model import Kata, UsageError


def made(name: str, minutes: int, *questions: str) -> Kata:
    return Kata("track", name, name, questions, "core", minutes, (), (), (), "", "")


@st.composite
def shelves(draw: st.DrawFn) -> tuple[list[Kata], int]:
    asks = st.sets(st.sampled_from(list(QUESTIONS)), min_size=1, max_size=3)
    each = draw(st.lists(st.tuples(st.sampled_from([20, 25, 30, 40]), asks), max_size=7))
    return [made(f"k{n}", minutes, *sorted(asked)) for n, (minutes, asked) in enumerate(each)], draw(
        st.integers(1, 150)
    )


def worth(chosen: tuple[Kata, ...]) -> tuple[int, int]:
    return len({question for kata in chosen for question in kata.questions}), sum(kata.minutes for kata in chosen)


@given(shelves())
def test_a_proposal_is_as_good_as_the_best_of_all_sets(shelf: tuple[list[Kata], int]) -> None:
    katas, minutes = shelf
    sets = [each for size in range(1, len(katas) + 1) for each in combinations(katas, size)]
    fitting = [worth(each) for each in sets if worth(each)[1] <= minutes]
    if not fitting:
        with pytest.raises(UsageError, match="no such kata fits"):
            listing.proposal(katas, minutes)
        return
    found = listing.proposal(katas, minutes)
    assert worth(found) == max(fitting)
    assert [kata.name for kata in found] == sorted({kata.name for kata in found})


def test_a_kata_stands_under_each_of_its_questions() -> None:
    shown = listing.by_question([made("one", 20, "Q1", "Q10"), made("two", 20, "Q10")])
    assert shown.row_count == sum(1 + max(1, rows) for rows in (1, 0, 0, 0, 0, 0, 0, 0, 0, 2))
