"""What the project set out to reach, and whether it has."""

from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.figures import Figure, digits


class Goal(NamedTuple):
    """A limit to a figure."""

    says: str
    figure: str
    """Its name among what the measurements found."""
    limit: float
    at_least: bool = False


GOALS = (
    Goal("CPU of a class of 24 on a numpy kata, start included / the floor", "class over floor", 0.15),
    Goal("CPU of a class of 240 on a numpy kata, start included / the floor", "many over floor", 0.15),
    Goal("CPU of gradescope-utils / ours", "gradescope-utils over ours", 10, at_least=True),
    Goal("CPU of nbgrader / ours", "nbgrader over ours", 21, at_least=True),
    Goal("CPU of otter-grader / ours", "otter-grader over ours", 33, at_least=True),
    Goal("CPU of all submissions of esmm (Keras), start included / the floor", "warm esmm", 1.05),
    Goal("CPU of each further submission of esmm / the floor", "further esmm", 1.05),
    Goal("CPU of all submissions of cnn_classifier (Keras), start included / the floor", "warm cnn_classifier", 1.05),
    Goal("CPU of each further submission of cnn_classifier / the floor", "further cnn_classifier", 1.05),
    Goal("CPU of all submissions of rfm_profile (scikit-learn), start included / the floor", "warm rfm_profile", 1.05),
    Goal("CPU of each further submission of rfm_profile / the floor", "further rfm_profile", 1.05),
    Goal("two cores / one, many submissions of a numpy kata", "gain of many", 1.85, at_least=True),
    Goal("two cores / one, the curriculum", "gain of curriculum", 1.85, at_least=True),
    Goal("cold start, the work, wall / plain pytest", "cold work", 0.9),
    Goal("cold start, user_cf of the catalogue, wall / plain pytest", "cold user_cf", 0.9),
    Goal("cold start, esmm (Keras), wall / plain pytest", "cold esmm", 1.2),
    Goal("`kata --help`, CPU s", "kata --help", 0.2),
    Goal("`kata list`, CPU s", "kata list", 0.2),
    Goal("memory of all processes, the longest run / 100 submissions", "growth of all", 1.1),
    Goal("memory of the command itself, the longest run / 100 submissions", "growth of the command", 1.1),
    Goal("wall of a submission, the longest run / 100 submissions", "growth of time", 1.1),
)
"""Of issue 5; for flat growth a tenth is let pass."""

HEAD = ("goal", "limit", "measured", "met")


def rows(figures: Mapping[str, Figure]) -> list[tuple[str, ...]]:
    """Each goal beside what was measured."""
    return [_row(goal, figures.get(goal.figure)) for goal in GOALS]


def met(goal: Goal, found: Figure) -> bool:
    """Whether the median keeps the limit."""
    return found.median >= goal.limit if goal.at_least else found.median <= goal.limit


def _row(goal: Goal, found: Figure | None) -> tuple[str, ...]:
    limit = f"at {'least' if goal.at_least else 'most'} {digits(goal.limit)}"
    if found is None:
        return goal.says, limit, "not measured", ""
    if met(goal, found):
        return goal.says, limit, str(found), "yes"
    return goal.says, limit, str(found), f"no: {digits(found.median / goal.limit)} x the limit"
