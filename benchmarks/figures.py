"""Medians, spreads and ratios of what was measured in turns."""

import statistics
from collections.abc import Sequence
from typing import NamedTuple


class Figure(NamedTuple):
    """A median and how far single measurements lie from it."""

    median: float
    low: float
    high: float
    turns: int = 1

    def __str__(self) -> str:
        if self.turns == 1:
            return digits(self.median)
        return f"{digits(self.median)} ({digits(self.low)} to {digits(self.high)})"


def figure(values: Sequence[float]) -> Figure:
    """Median, lowest and highest of several measurements."""
    return Figure(statistics.median(values), min(values), max(values), len(values))


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Figure:
    """One over the other, turn by turn: what slows a whole turn hits both sides and drops out."""
    return figure([one / other for one, other in zip(ours, theirs, strict=True)])


def scaled(values: Sequence[float], by: float) -> Figure:
    """The figure of values that are each divided by so much."""
    return figure([value / by for value in values])


def digits(value: float) -> str:
    """Three digits that count, and no exponent."""
    if value == 0:
        return "0"
    size = abs(value)
    places = next((places for least, places in ((100, 0), (10, 1), (1, 2), (0.1, 3)) if size >= least), 4)
    return f"{value:,.{places}f}"
