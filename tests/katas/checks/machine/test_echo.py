"""Checks of everything that can cross, for the grader's own tests."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from echo import Shelf, apply, count, echo
from grader import checking


@pytest.mark.interface(spec="A1")
def test_an_argument_is_left_alone() -> None:
    """The argument isn't changed."""
    kept = checking.resident([3, 1, 2])
    assert [echo(kept), echo(kept)] == [[3, 1, 2], [3, 1, 2]]


@pytest.mark.examples(spec="A1", points=4)
@pytest.mark.parametrize("value", [1, "two", 3.0, (4, None), {"five": {6}}])
def test_examples(value: object) -> None:
    """What goes in comes out."""
    assert echo(value) == value


@pytest.mark.examples(spec="A1")
def test_arrays() -> None:
    """An array comes back as it went."""
    assert echo(np.array([[1.5, 2.5]])) == pytest.approx(np.array([[1.5, 2.5]]))


@pytest.mark.examples(spec="A1")
def test_answers_are_handed_back() -> None:
    """What came out goes in again."""
    words = [f"{number:012}" for number in range(40_000)]
    assert len(echo(echo(words) + echo(words))) == 2 * len(words)


@pytest.mark.examples(spec="A2")
def test_a_function_is_called() -> None:
    """A function that is handed over is called."""
    assert apply(lambda value: value + 1, 41) == 42


@pytest.mark.examples(spec="A3")
def test_a_generator_yields() -> None:
    """Counting yields each number in turn."""
    assert list(count(3)) == [0, 1, 2]


@pytest.mark.examples(spec="A4")
def test_an_instance_answers() -> None:
    """A shelf gives its best items."""
    assert Shelf([1, 3, 2]).best(2) == [3, 2]
    best = Shelf([1, 3, 2]).best
    assert best(1) == [3]


@pytest.mark.edges(spec="A5")
def test_a_missing_argument_is_refused() -> None:
    """Calling without an argument raises TypeError."""
    with pytest.raises(TypeError):
        echo()


@pytest.mark.properties(spec="A1")
@given(st.lists(st.integers(0, 100), max_size=6))
def test_any_list(values: list[int]) -> None:
    """Any list comes back unchanged."""
    assert echo(values) == values


@pytest.mark.speed(spec="A6", seconds=2)
def test_speed() -> None:
    """A long list takes no longer than a second."""
    assert checking.timed(echo, list(range(10_000))).seconds < 1, "it takes too long"
