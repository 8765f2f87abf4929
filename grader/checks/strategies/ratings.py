"""Matrices of ratings, users by items.

A rating is 0 (none) or 1 to 5 stars, in halves. Matrices have up to 5 users and 5 items.
"""

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Question = tuple[Matrix, int, int, int | None]

# Halves are exact in binary. Three zeros of ten, so that many cells aren't rated.
stars = st.sampled_from([0.0, 0.0, 0.0, 1.0, 2.0, 2.5, 3.0, 4.0, 4.5, 5.0])


def sized(n_users: int, n_items: int) -> st.SearchStrategy[Matrix]:
    """Ratings of so many users and items."""
    row = st.lists(stars, min_size=n_items, max_size=n_items)
    return st.lists(row, min_size=n_users, max_size=n_users).map(np.array)


def at_least(size: int) -> st.SearchStrategy[Matrix]:
    """Ratings of `size` to 5 users and items."""
    return st.tuples(st.integers(size, 5), st.integers(size, 5)).flatmap(lambda shape: sized(*shape))


@st.composite
def newcomers(draw: st.DrawFn) -> Question:
    """Somebody who has rated little, so that there is something to recommend: ratings, user, n, k."""
    ratings = draw(at_least(4))
    user = draw(st.integers(0, len(ratings) - 1))
    ratings[user, draw(st.integers(1, 2)) :] = 0
    return ratings, user, draw(st.integers(1, 4)), draw(st.sampled_from([1, 2, None]))
