"""Matrices of counts, and the factors that they are to be explained by.

Counts are 0 to 5, of 1 to 4 rows and 2 to 5 columns. Factors are 1 to 3, in [-2, 3]. Regularisation is 0.25 to 8,
confidence (`alphas`) 0 to 4.
"""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


class Problem(NamedTuple):
    """What a half step is asked: counts (n_rows, n_columns), fixed factors (n_columns, f), reg and alpha."""

    counts: Matrix
    fixed: Matrix
    reg: float
    alpha: float


@st.composite
def matrices(draw: st.DrawFn, n_rows: int, n_columns: int, values: tuple[float, ...]) -> Matrix:
    """So many rows and columns of these values."""
    cells = draw(st.lists(st.sampled_from(values), min_size=n_rows * n_columns, max_size=n_rows * n_columns))
    return np.array(cells, dtype=np.float64).reshape(n_rows, n_columns)


ENTRIES = (0.0, 0.0, 1.0, 2.0, 5.0, 0.5)
FACTORS = (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 3.0)

regs = st.sampled_from([0.25, 0.5, 2.0, 8.0])
alphas = st.sampled_from([0.0, 0.5, 1.0, 4.0])


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Up to 4 rows, 2 to 5 columns and 1 to 3 factors."""
    n_rows, n_columns, n_factors = draw(st.integers(1, 4)), draw(st.integers(2, 5)), draw(st.integers(1, 3))
    counts = draw(matrices(n_rows, n_columns, ENTRIES))
    return Problem(counts, draw(matrices(n_columns, n_factors, FACTORS)), draw(regs), draw(alphas))


@st.composite
def factorisations(draw: st.DrawFn) -> tuple[Problem, Matrix]:
    """A problem, and any factors for its rows."""
    problem = draw(problems())
    return problem, draw(matrices(len(problem.counts), problem.fixed.shape[1], FACTORS))


@st.composite
def fits(draw: st.DrawFn) -> tuple[Matrix, int, tuple[float, float, int, int]]:
    """Counts, factors, and reg, alpha, iterations and seed."""
    counts = draw(matrices(draw(st.integers(2, 4)), draw(st.integers(2, 5)), ENTRIES))
    how = draw(regs), draw(alphas), draw(st.integers(1, 3)), draw(st.integers(0, 9))
    return counts, draw(st.integers(1, 3)), how


@st.composite
def taken_again(draw: st.DrawFn) -> tuple[Problem, Problem]:
    """A problem, and the same with item 0 taken more often by user 0, who had taken it."""
    problem = draw(problems().filter(lambda problem: bool(problem.fixed[0].any())))
    problem = problem._replace(alpha=draw(st.sampled_from([0.5, 1.0, 4.0])))
    counts, more = problem.counts.copy(), problem.counts.copy()
    counts[0, 0] = draw(st.sampled_from([0.5, 1.0, 2.0]))
    more[0, 0] = counts[0, 0] + draw(st.sampled_from([0.5, 1.0, 4.0]))
    return problem._replace(counts=counts), problem._replace(counts=more)
