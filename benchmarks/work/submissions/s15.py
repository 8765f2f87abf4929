# submission 15: heaps_over_dicts
import heapq
from collections import defaultdict
from math import isfinite, sqrt

import numpy as np


def user_similarity(ratings):
    users = profiles(ratings)
    similarity = np.zeros((len(users), len(users)))
    matrix = np.asarray(ratings, dtype=float)
    norms = [sqrt(sum(rating * rating for rating in liked.values())) for liked in users]
    for user, liked in enumerate(users):
        if liked:
            dots = matrix[user] @ matrix.T
            similarity[user] = [dot / (norms[user] * norm) if norm else 0.0 for dot, norm in zip(dots, norms)]
    return similarity


def predict(ratings, k=None):
    users = profiles(ratings)
    if k is not None and k < 0:
        raise ValueError("k < 0")
    matrix = np.asarray(ratings, dtype=float)
    similarity = user_similarity(ratings)
    everything = [rating for liked in users for rating in liked.values()]
    general = sum(everything) / len(everything) if everything else 0.0
    predicted = np.zeros(matrix.shape)
    for user, liked in enumerate(users):
        predicted[user] = sum(liked.values()) / len(liked) if liked else general
        neighbours = [v for v in range(len(users)) if v != user and similarity[user, v] > 0]
        if k is None:
            voices = similarity[user, neighbours]
            weight = voices @ (matrix[neighbours] > 0)
            heard = weight > 0
            predicted[user, heard] = (voices @ matrix[neighbours])[heard] / weight[heard]
            continue
        voters = defaultdict(list)
        for v in neighbours:
            for item, rating in users[v].items():
                voters[item].append((similarity[user, v], -v, rating))
        for item, votes in voters.items():
            chosen = heapq.nlargest(k, votes)
            if chosen:
                total = sum(near for near, _, _ in chosen)
                predicted[user, item] = sum(near * rating for near, _, rating in chosen) / total
    return predicted


def recommend(ratings, user, n, k=None):
    users = profiles(ratings)
    if not 0 <= user < len(users) or n < 0:
        raise ValueError("user or n out of range")
    scores = predict(ratings, k)[user]
    candidates = [(-score, item) for item, score in enumerate(scores) if item not in users[user]]
    return [item for _, item in heapq.nsmallest(n, candidates)]


def profiles(ratings):
    """What each user has rated: {item: rating}, one dict a user."""
    users = []
    for row in np.asarray(ratings).tolist():
        if not all(isfinite(rating) and rating >= 0 for rating in row):
            raise ValueError("a rating is finite and at least 0")
        users.append({item: float(rating) for item, rating in enumerate(row) if rating})
    return users
