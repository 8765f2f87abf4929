# submission 23: ties_on_paper
import numpy as np

# Values that are equal on paper, such as the similarities to (1, 2) and to (3, 6), may differ in their last bits.
TIE = 1e-12


def _checked(ratings) -> np.ndarray:
    """`ratings` as float64, where small integers can't overflow."""
    ratings = np.asarray(ratings).astype(np.float64)
    if not np.isfinite(ratings).all() or (ratings < 0).any():
        raise ValueError("ratings must be finite and not negative")
    return ratings


def _best_first(values: np.ndarray) -> np.ndarray:
    """Indices of the values, highest first, equal ones (but for rounding error) by index."""
    order = np.argsort(-values, kind="stable")
    ranked = values[order]
    level = np.cumsum(ranked[:-1] - ranked[1:] > TIE * ranked[:-1])  # goes up wherever the value really drops
    return order[np.lexsort((order, np.concatenate(([0], level))[: len(order)]))]


def user_similarity(ratings: np.ndarray) -> np.ndarray:
    """Cosine similarity of every two users.

    `ratings` is (n_users, n_items), 0 = not rated. Gives (n_users, n_users), float64, each in [0, 1].
    Raises ValueError for a rating that is negative, NaN or infinite.

    >>> user_similarity(np.array([[3, 4], [5, 0]]))
    array([[1. , 0.6],
           [0.6, 1. ]])
    """
    rows = _checked(ratings)
    # A row's scale doesn't matter to the cosine; a power of two is exact, and keeps the squares in range.
    _, exponent = np.frexp(rows.max(axis=1, initial=0, keepdims=True))
    rows = np.ldexp(rows, -exponent)

    dots = rows @ rows.T
    squares = np.diag(dots)
    norms = np.sqrt(np.outer(squares, squares))
    similarity = np.divide(dots, norms, out=np.zeros_like(dots), where=norms > 0)
    return np.minimum(similarity, 1)  # at most 1 but for rounding error


def predict(ratings: np.ndarray, k: int | None = None) -> np.ndarray:
    """Predict every rating, the known ones too, from the k most similar users who rated the item; None = all of them.

    `ratings` is (n_users, n_items), 0 = not rated. Gives (n_users, n_items), float64, on the scale of the ratings.
    Raises ValueError for a negative k, or a rating that is negative, NaN or infinite.

    >>> predict(np.array([[3, 4], [5, 0]]))
    array([[5. , 3.5],
           [3. , 4. ]])
    """
    ratings = _checked(ratings)
    if k is not None and k < 0:
        raise ValueError("k must not be negative")
    rated = ratings > 0
    similarity = user_similarity(ratings)
    np.fill_diagonal(similarity, 0)  # nobody is their own neighbour

    # Without votes: the user's own mean, or else everybody's.
    overall = ratings[rated].mean() if rated.any() else 0.0
    prediction = np.empty(ratings.shape)
    if k is None:
        total, weighted = similarity @ rated.astype(np.float64), similarity @ ratings
    else:
        total, weighted = np.empty(ratings.shape), np.empty(ratings.shape)
    or_infinite = np.where(rated, ratings, np.inf)

    for user, weights in enumerate(similarity):
        own = ratings[user, rated[user]]
        prediction[user] = own.mean() if own.size else overall

        if k is None:
            neighbours = np.flatnonzero(weights > 0)
            highest = ratings[neighbours].max(axis=0, initial=0)
            lowest = or_infinite[neighbours].min(axis=0, initial=np.inf)
        else:
            neighbours = _best_first(weights)
            neighbours = neighbours[weights[neighbours] > 0]
            voting = rated[neighbours]
            voting &= np.cumsum(voting, axis=0) <= k  # per item, its first k raters
            votes = ratings[neighbours] * voting
            total[user] = weights[neighbours] @ voting.astype(np.float64)
            weighted[user] = weights[neighbours] @ votes
            highest = votes.max(axis=0, initial=0)
            lowest = np.where(voting, votes, np.inf).min(axis=0, initial=np.inf)

        np.divide(weighted[user], total[user], out=prediction[user], where=total[user] > 0)
        # Where all votes are the same the mean is that vote, to the last bit: equal predictions come out equal.
        np.copyto(prediction[user], highest, where=highest == lowest)
    return prediction


def recommend(ratings: np.ndarray, user: int, n: int, k: int | None = None) -> list[int]:
    """Choose the n items, by index, that the user hasn't rated and that `predict` rates highest, best first.

    Raises ValueError for a user who isn't in the matrix, a negative n, or whatever `predict` refuses.

    >>> recommend(np.array([[3, 4, 0, 0], [5, 0, 2, 4]]), 0, 2)
    [3, 2]
    """
    ratings = _checked(ratings)
    if not 0 <= user < len(ratings):
        raise ValueError("no such user")
    if n < 0:
        raise ValueError("n must not be negative")
    prediction = predict(ratings, k)[user]
    unrated = np.flatnonzero(ratings[user] == 0)
    return unrated[_best_first(prediction[unrated])][:n].tolist()
