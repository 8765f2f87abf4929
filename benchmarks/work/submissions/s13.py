# submission 13: numpy_will_complain
import numpy as np


def user_similarity(ratings):
    ratings = np.array(ratings, dtype=float)
    norms = np.linalg.norm(ratings, axis=1)
    norms[norms == 0] = 1
    return ratings @ ratings.T / np.outer(norms, norms)


def predict(ratings, k=None):
    ratings = np.array(ratings, dtype=float)
    similarity = user_similarity(ratings)
    np.fill_diagonal(similarity, 0)
    rated = ratings > 0
    weight, total = similarity @ rated, similarity @ ratings
    if k is not None:
        for user, row in enumerate(similarity):
            order = np.argsort(-row, kind="stable")
            for item in range(ratings.shape[1]):
                voters = order[rated[order, item]][:k]
                weight[user, item], total[user, item] = row[voters].sum(), row[voters] @ ratings[voters, item]
    counts = rated.sum(axis=1)
    means = np.where(counts > 0, ratings.sum(axis=1) / np.maximum(counts, 1), ratings.sum() / max(counts.sum(), 1))
    return np.where(weight > 0, total / np.where(weight > 0, weight, 1), means[:, None])


def recommend(ratings, user, n, k=None):
    scores = predict(ratings, k)[user]
    unrated = np.flatnonzero(np.asarray(ratings)[user] == 0)
    return unrated[np.argsort(-scores[unrated], kind="stable")][:n].tolist()
