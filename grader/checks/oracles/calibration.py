"""Expected calibration error: Guo, Pleiss, Sun & Weinberger 2017. Isotonic regression: Ayer et al. 1955."""

from itertools import pairwise
from typing import Any

import numpy as np

from grader.checks.answers import as_lists
from grader.checks.strategies.predictions import Floats, Labels, Model


def slow_ece(p: Floats, y: Labels, n_bins: int) -> float:
    """One bin at a time."""
    total = 0.0
    for b in range(n_bins):
        last = b == n_bins - 1
        rows = [row for row, value in enumerate(p * n_bins) if b <= value and (value < b + 1 or last)]
        if rows:
            total += len(rows) / len(p) * abs(p[rows].mean() - y[rows].mean())
    return total


def slow_isotonic(p: Floats, y: Labels) -> tuple[list[float], list[float]]:
    """The largest, over where a stretch begins, of the smallest mean, over where it ends (Barlow et al. 1972)."""
    knots = sorted(set(p.tolist()))
    means = [[float(y[(p >= first) & (p <= last)].mean()) for last in knots if last >= first] for first in knots]
    values = [max(min(means[a][i - a :]) for a in range(i + 1)) for i in range(len(knots))]
    return knots, values


def slow_curve(model: Model, p: float) -> float:
    """One p at a time."""
    points = list(zip(*as_lists(model), strict=True))
    for (x0, v0), (x1, v1) in pairwise(points):
        if x0 <= p <= x1:
            return float(v0 + (v1 - v0) * (p - x0) / (x1 - x0))
    return float(points[0][1] if p < points[0][0] else points[-1][1])


def one_pass(p: Floats, y: Labels) -> Floats:
    """The slowest fit that we accept: one pass in plain Python over numpy scalars. The p are all different."""
    order = np.argsort(p)
    blocks: list[Any] = []
    for row in order:
        ones, labels, knots = y[row], np.int64(1), np.int64(1)
        while blocks and blocks[-1][0] / blocks[-1][1] > ones / labels:
            before = blocks.pop()
            ones, labels, knots = ones + before[0], labels + before[1], knots + before[2]
        blocks.append((ones, labels, knots))
    return np.repeat([ones / labels for ones, labels, _ in blocks], [knots for *_, knots in blocks])
