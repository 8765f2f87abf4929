"""User-based collaborative filtering. The task: user_cf.md.

You may import the standard library and numpy; no other library, such as pandas, scipy, sklearn or keras.
"""

import numpy as np


def user_similarity(ratings: np.ndarray) -> np.ndarray:
    """Cosine similarity of every two users.

    `ratings` is (n_users, n_items), 0 = not rated. Gives (n_users, n_users), float64, each in [0, 1].
    Raises ValueError for a rating that is negative, NaN or infinite.

    >>> user_similarity(np.array([[3, 4], [5, 0]]))
    array([[1. , 0.6],
           [0.6, 1. ]])
    """
    raise NotImplementedError


def predict(ratings: np.ndarray, k: int | None = None) -> np.ndarray:
    """Predict every rating, the known ones too, from the k most similar users who rated the item; None = all of them.

    `ratings` is (n_users, n_items), 0 = not rated. Gives (n_users, n_items), float64, on the scale of the ratings.
    Raises ValueError for a negative k, or a rating that is negative, NaN or infinite.

    >>> predict(np.array([[3, 4], [5, 0]]))
    array([[5. , 3.5],
           [3. , 4. ]])
    """
    raise NotImplementedError


def recommend(ratings: np.ndarray, user: int, n: int, k: int | None = None) -> list[int]:
    """Choose the n items, by index, that the user hasn't rated and that `predict` rates highest, best first.

    Raises ValueError for a user who isn't in the matrix, a negative n, or whatever `predict` refuses.

    >>> recommend(np.array([[3, 4, 0, 0], [5, 0, 2, 4]]), 0, 2)
    [3, 2]
    """
    raise NotImplementedError
