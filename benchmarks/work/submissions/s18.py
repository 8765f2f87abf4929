# submission 18: seed_original
import numpy as np


# fmt: off
def cosine_similarity(user_ratings):
    # 计算用户之间的余弦相似度
    similarity_matrix = np.dot(user_ratings, user_ratings.T) / (np.linalg.norm(user_ratings, axis=1) * np.linalg.norm(user_ratings, axis=0))
    return similarity_matrix

def predict_ratings(user_similarity, user_ratings, item_ratings):
    # 预测用户对未评分商品的评分
    predicted_ratings = np.dot(user_similarity, item_ratings) / (np.linalg.norm(user_similarity, axis=1) + 1e-5)
    return predicted_ratings
# fmt: on


# What follows only gives the sample the kata's signatures. Its item_ratings was a second, made-up matrix; its second
# requirement, to recommend, has no code.


def user_similarity(ratings):
    return cosine_similarity(ratings)


def predict(ratings, k=None):
    return predict_ratings(user_similarity(ratings), ratings, ratings)


def recommend(ratings, user, n, k=None):
    raise NotImplementedError
