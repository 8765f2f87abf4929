# submission 21: ties_reversed
import numpy as np
from numpy.typing import NDArray


def user_similarity(ratings: np.ndarray) -> np.ndarray:
    """Cosine of every two users' whole rows (Breese et al. 1998), (n_users, n_users); 0 for a user without ratings."""
    ratings = _checked(ratings)
    norms = np.linalg.norm(ratings, axis=1)
    lengths = np.outer(norms, norms)
    cosine = np.zeros_like(lengths)
    np.divide(ratings @ ratings.T, lengths, out=cosine, where=lengths > 0)
    return cosine


def predict(ratings: np.ndarray, k: int | None = None) -> np.ndarray:
    """Mean of the neighbours' ratings, weighted by similarity (Resnick et al. 1994), (n_users, n_items)."""
    ratings = _checked(ratings)
    if k is not None and k < 0:
        raise ValueError(f"k counts neighbours: 0 or more, not {k}")
    similarity = user_similarity(ratings)
    np.fill_diagonal(similarity, 0.0)  # nobody is their own neighbour
    rated = ratings > 0
    if k is None:  # nothing to choose, so every weighted sum is one matrix product
        total, weight = similarity @ ratings, similarity @ rated
    else:
        total, weight = np.zeros_like(ratings), np.zeros_like(ratings)
        for user, row in enumerate(similarity):
            weights = np.where(_nearest(row, rated, k), row[:, np.newaxis], 0.0)
            total[user], weight[user] = (weights * ratings).sum(axis=0), weights.sum(axis=0)
    predicted = np.repeat(_fallback(ratings)[:, np.newaxis], ratings.shape[1], axis=1)
    np.divide(total, weight, out=predicted, where=weight > 0)
    return predicted


def recommend(ratings: np.ndarray, user: int, n: int, k: int | None = None) -> list[int]:
    """The n unrated items of highest prediction, best first; equal ones by index."""
    if not 0 <= user < len(ratings):
        raise ValueError(f"no user {user} among {len(ratings)}")
    if n < 0:
        raise ValueError(f"n counts items: 0 or more, not {n}")
    predicted = predict(ratings, k)[user]
    unrated: list[int] = np.flatnonzero(ratings[user] == 0).tolist()
    return sorted(unrated, key=lambda item: (-predicted[item], item))[:n]


def _checked(ratings: np.ndarray) -> NDArray[np.float64]:
    """A float64 copy, so that small integers can't overflow. Raises ValueError for what isn't a rating."""
    checked = np.array(ratings, dtype=np.float64)
    if not np.all(np.isfinite(checked) & (checked >= 0)):
        raise ValueError("a rating is a finite number, 0 (not rated) or more")
    return checked


def _nearest(similarity: NDArray[np.float64], rated: NDArray[np.bool_], k: int) -> NDArray[np.bool_]:
    """Who votes on which item, (n_users, n_items): of the users who rated it, the k most similar, the earlier first."""
    order = np.argsort(-similarity, kind="stable")
    votes = np.zeros_like(rated)
    votes[order] = rated[order] & (rated[order].cumsum(axis=0) <= k)
    return votes


def _fallback(ratings: NDArray[np.float64]) -> NDArray[np.float64]:
    """What to predict without neighbours, (n_users,): the user's own mean, else everybody's, else 0."""
    counts = np.count_nonzero(ratings, axis=1)
    means = np.full(len(ratings), ratings.sum() / max(counts.sum(), 1))
    np.divide(ratings.sum(axis=1), counts, out=means, where=counts > 0)
    return means


def predict(ratings, k=None):
    ratings = np.array(ratings, dtype=float)
    if k is not None and k < 0:
        raise ValueError("k < 0")
    similarity = user_similarity(ratings)
    np.fill_diagonal(similarity, 0)
    rated = ratings > 0
    known = ratings[rated].mean() if rated.any() else 0.0
    predicted = np.zeros_like(ratings)
    for user, row in enumerate(similarity):
        mean = ratings[user][rated[user]].mean() if rated[user].any() else known
        order = np.argsort(row, kind="stable")[::-1]
        weights = row[order, None] * rated[order]
        if k is not None:
            weights[rated[order].cumsum(axis=0) > k] = 0
        total = weights.sum(axis=0)
        weighted = (weights * ratings[order]).sum(axis=0)
        predicted[user] = np.where(total > 0, weighted / np.where(total > 0, total, 1), mean)
    return predicted


def recommend(ratings, user, n, k=None):
    ratings = np.asarray(ratings)
    if not 0 <= user < len(ratings) or n < 0:
        raise ValueError
    best = np.argsort(predict(ratings, k)[user], kind="stable")[::-1]
    return [int(item) for item in best if ratings[user, item] == 0][:n]
