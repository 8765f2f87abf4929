"""Hidden checks of recommendation/user_cf.

A check's docstring is the sentence that the learner reads; `spec` names the rules of the statement that it holds.
"""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from user_cf import predict, recommend, user_similarity

from grader import checking
from grader.checks.answers import as_list
from grader.checks.oracles.similarity import cosine_of
from grader.checks.strategies.ratings import Matrix, Question, at_least, newcomers

# Norms 5, 6, 5 and 3, so every similarity is a multiple of 1/15 and every prediction a mean with whole weights.
KITCHEN = np.array([[0.0, 4, 3, 0], [4, 4, 2, 0], [2, 1, 2, 4], [1, 2, 0, 2]])
SIMILARITY = np.array([[15, 11, 6, 8], [11, 15, 8, 10], [6, 8, 15, 12], [8, 10, 12, 15]]) / 15


def _similarity(ratings: Matrix) -> Matrix:
    """By definition, two users at a time."""
    return np.array([[cosine_of(mine, theirs) for theirs in ratings] for mine in ratings])


def _predictions(ratings: Matrix, k: int | None = None) -> Matrix:
    """By definition, one cell at a time."""
    predicted = np.zeros(ratings.shape)
    for u, near in enumerate(_similarity(ratings).tolist()):
        order = sorted((v for v, s in enumerate(near) if v != u and s > 0), key=lambda v: (-near[v], v))
        rated = ratings[u][ratings[u] > 0] if ratings[u].any() else ratings[ratings > 0]
        for i, column in enumerate(ratings.T.tolist()):
            votes = [(near[v], column[v]) for v in order if column[v] > 0][:k]
            if votes:
                predicted[u, i] = sum(s * r for s, r in votes) / sum(s for s, _ in votes)
            elif rated.size:
                predicted[u, i] = rated.mean()
    return predicted


def _clear(ratings: Matrix) -> bool:
    """Whether nobody's neighbours are equally similar, or so nearly that rounding would decide who is nearer."""
    near = [sorted(s for v, s in enumerate(row) if s > 0 and v != u) for u, row in enumerate(_similarity(ratings))]
    return all(b - a > 1e-9 for row in near for a, b in pairwise(row))


shops = at_least(1)
clear_shops = at_least(3).filter(_clear)


questions = newcomers().filter(lambda question: _clear(question[0]))


def _rmse(predicted: Matrix, held_out: Matrix) -> float:
    """Over the ratings held out."""
    return math.sqrt(np.mean((predicted - held_out)[held_out > 0] ** 2))


def _user_by_user(ratings: Matrix) -> Matrix:
    """The slowest prediction that we accept. Every user has rated something, and every item has two raters."""
    norms = np.linalg.norm(ratings, axis=1)
    similarity = ratings @ ratings.T / np.outer(norms, norms)
    np.fill_diagonal(similarity, 0)
    predicted = np.empty_like(ratings)
    for user, row in enumerate(similarity):
        others = np.flatnonzero(row)
        weights = row[others, np.newaxis] * (ratings[others] > 0)
        predicted[user] = (weights * ratings[others]).sum(axis=0) / weights.sum(axis=0)
    return predicted


@pytest.mark.interface(spec="G1 R3", hint=1)
def test_answers_are_float_arrays_and_a_list_of_ints() -> None:
    """Similarities are users x users and predictions users x items, in float64; recommendations are plain ints."""
    for answer, shape in ((user_similarity(KITCHEN), (4, 4)), (predict(KITCHEN[:, :3]), (4, 3))):
        assert isinstance(answer, np.ndarray), "user_similarity and predict give arrays"
        assert answer.dtype == np.float64, "user_similarity and predict give float64"
        assert answer.shape == shape, "user_similarity gives users x users, predict gives users x items"
    chosen = recommend(KITCHEN, 0, 2)
    assert isinstance(chosen, list), "recommend gives a list"
    assert all(type(item) is int for item in chosen), "recommend gives plain Python ints"


@pytest.mark.interface(spec="G1", hint=1)
def test_the_ratings_are_left_alone() -> None:
    """The ratings are the caller's: the same question about them has the same answer, whatever was asked before."""
    ratings = checking.resident(KITCHEN.copy())
    before = predict(ratings, 2)
    user_similarity(ratings)
    recommend(ratings, 0, 2)
    assert predict(ratings, 2) == pytest.approx(before)


@pytest.mark.examples(spec="S1", hint=1)
def test_similarity_is_the_cosine_of_whole_rows() -> None:
    """The similarity of two users is the cosine of their whole rows: both norms are norms of users."""
    assert user_similarity(KITCHEN) == pytest.approx(SIMILARITY)


@pytest.mark.examples(spec="P1 P3", hint=2)
def test_prediction_is_a_weighted_mean() -> None:
    """A prediction is the mean of the ratings that other, similar users gave the item, weighted by similarity."""
    expected = np.array(
        [
            [(11 * 4 + 6 * 2 + 8 * 1) / 25, (11 * 4 + 6 * 1 + 8 * 2) / 25, 2, (6 * 4 + 8 * 2) / 14],
            [(8 * 2 + 10 * 1) / 18, (11 * 4 + 8 * 1 + 10 * 2) / 29, (11 * 3 + 8 * 2) / 19, (8 * 4 + 10 * 2) / 18],
            [(8 * 4 + 12 * 1) / 20, (6 * 4 + 8 * 4 + 12 * 2) / 26, (6 * 3 + 8 * 2) / 14, 2],
            [(10 * 4 + 12 * 2) / 22, (8 * 4 + 10 * 4 + 12 * 1) / 30, (8 * 3 + 10 * 2 + 12 * 2) / 30, 4],
        ]
    )
    assert predict(KITCHEN) == pytest.approx(expected)


@pytest.mark.examples(spec="P2", hint=2)
def test_k_nearest_are_chosen_among_the_raters() -> None:
    """The k most similar of those who rated the item vote; where fewer rated it, all of them do."""
    expected = np.array(
        [
            [(11 * 4 + 8 * 1) / 19, (11 * 4 + 8 * 2) / 19, 2, (8 * 2 + 6 * 4) / 14],
            [(10 * 1 + 8 * 2) / 18, (11 * 4 + 10 * 2) / 21, (11 * 3 + 8 * 2) / 19, (10 * 2 + 8 * 4) / 18],
            [(12 * 1 + 8 * 4) / 20, (12 * 2 + 8 * 4) / 20, (8 * 2 + 6 * 3) / 14, 2],
            [(12 * 2 + 10 * 4) / 22, (12 * 1 + 10 * 4) / 22, 2, 4],
        ]
    )
    assert predict(KITCHEN, 2) == pytest.approx(expected)


@pytest.mark.examples(spec="R1 R2", hint=3)
def test_recommends_the_best_unrated_items() -> None:
    """The unrated items with the highest predictions are recommended, best first, with the k that was asked for."""
    assert as_list(recommend(KITCHEN, 0, 2)) == [3, 0]
    assert as_list(recommend(KITCHEN, 0, 2, 1)) == [0, 3]


@pytest.mark.edges(spec="S2", hint=1)
def test_user_without_ratings_is_similar_to_nobody() -> None:
    """A user without ratings has similarity 0 to everybody, themselves included."""
    ratings = np.array([[3.0, 4], [0, 0], [4, 3]])
    assert user_similarity(ratings) == pytest.approx(np.array([[1, 0, 24 / 25], [0, 0, 0], [24 / 25, 0, 1]]))
    assert user_similarity(np.zeros((2, 0))) == pytest.approx(np.zeros((2, 2)))


@pytest.mark.edges(spec="P2 P4 P5", hint=3)
def test_without_neighbours_a_mean_is_predicted() -> None:
    """Where nobody votes it is the user's mean rating; without ratings of theirs, everybody's mean; without any, 0."""
    strangers = np.array([[5.0, 2, 0, 0], [0, 0, 3, 0], [0, 0, 0, 0]])
    assert predict(strangers) == pytest.approx(np.array([[3.5] * 4, [3] * 4, [10 / 3] * 4]))
    assert predict(KITCHEN, 0) == pytest.approx(np.array([[3.5] * 4, [10 / 3] * 4, [2.25] * 4, [5 / 3] * 4]))
    assert predict(np.zeros((2, 3))) == pytest.approx(np.zeros((2, 3)))
    assert predict(np.zeros((2, 0))) == pytest.approx(np.zeros((2, 0)))


@pytest.mark.edges(spec="P2", hint=2)
def test_equally_similar_users_are_asked_in_order() -> None:
    """Of equally similar users the one of lower index votes first."""
    # Every row is 1 or 4 equal ratings, so all similarities are exactly 1/2 or 1, however they are computed.
    ratings = np.array([[4.0, 0, 0, 0], [2, 2, 2, 2], [4, 4, 4, 4], [5, 5, 5, 5]])
    assert predict(ratings, 1) == pytest.approx(np.array([[2.0] * 4, [4] * 4, [2] * 4, [2] * 4]))


@pytest.mark.edges(spec="R2 P5", hint=3)
def test_equally_good_items_come_in_order() -> None:
    """Of items with equal predictions the one of lower index comes first."""
    # Both neighbours of user 0 have similarity 1/2, and they vote 3, 2, 3, 4 on items 0 to 3. User 3 has no neighbours.
    ratings = np.array([[0.0, 0, 0, 0, 4], [2, 2, 2, 0, 2], [4, 0, 4, 4, 4], [0, 0, 0, 0, 0]])
    assert as_list(recommend(ratings, 0, 3)) == [3, 0, 2]
    assert as_list(recommend(ratings, 3, 2)) == [0, 1]


@pytest.mark.edges(spec="R1", hint=3)
def test_recommends_no_more_than_there_is() -> None:
    """If fewer than n items are unrated, all of them are recommended; n = 0 gives an empty list."""
    ratings = np.array([[4.0, 0, 0, 1], [2, 5, 3, 1]])
    assert as_list(recommend(ratings, 0, 9)) == [1, 2]
    assert as_list(recommend(ratings, 0, 0)) == []
    assert as_list(recommend(ratings, 1, 2)) == []
    assert as_list(recommend(np.zeros((2, 0)), 1, 2)) == []


@pytest.mark.edges(spec="G1 P3", hint=1)
def test_integers_are_ratings_too() -> None:
    """Ratings that are stored as small integers give the same predictions, decimals included."""
    # The dot product of the rows is 200: more than an int8 can hold.
    ratings = np.array([[5] * 8 + [0], [5] * 8 + [2]], dtype=np.int8)
    expected = np.array([[5] * 8 + [2], [5] * 8 + [14 / 3]])
    assert predict(ratings) == pytest.approx(expected)
    assert predict(ratings, 1) == pytest.approx(expected)


@pytest.mark.edges(spec="G2", hint=1)
def test_ratings_that_cannot_be_are_refused() -> None:
    """A rating that is negative, NaN or infinite raises ValueError, in all three functions."""
    for wrong in (-1.0, math.nan, math.inf):
        ratings = np.array([[4, 0], [wrong, 3]])
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            user_similarity(ratings)
        with pytest.raises(ValueError):  # noqa: PT011
            predict(ratings)
        with pytest.raises(ValueError):  # noqa: PT011
            recommend(ratings, 0, 1)


@pytest.mark.edges(spec="G3", hint=1)
def test_arguments_that_cannot_be_are_refused() -> None:
    """A negative k or n, or a user who isn't in the matrix, raises ValueError."""
    with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
        predict(KITCHEN, -1)
    for user, n, k in ((0, -1, None), (0, 1, -1), (-1, 1, None), (4, 1, None)):
        with pytest.raises(ValueError):  # noqa: PT011
            recommend(KITCHEN, user, n, k)


@pytest.mark.properties(spec="S1", hint=1)
@given(shops)
def test_similarity_is_symmetric_and_at_most_one(ratings: Matrix) -> None:
    """Similarities are symmetric, from 0 to 1, and 1 between a user with ratings and themselves."""
    similarity = np.asarray(user_similarity(ratings))
    assert np.allclose(similarity, similarity.T), "s(u, v) = s(v, u)"
    assert np.all((similarity >= 0) & (similarity <= 1 + 1e-9)), "a similarity lies between 0 and 1"
    assert np.diag(similarity) == pytest.approx(ratings.any(axis=1).astype(float))


@pytest.mark.properties(spec="P1 P3", hint=2)
@given(shops, st.none() | st.integers(1, 4))
def test_prediction_lies_between_the_neighbours_ratings(ratings: Matrix, k: int | None) -> None:
    """A prediction is never below the lowest, never above the highest of the ratings that neighbours gave the item."""
    near = _similarity(ratings) > 0
    np.fill_diagonal(near, val=False)
    predicted = np.asarray(predict(ratings, k))
    for u, i in np.ndindex(ratings.shape):
        theirs = ratings[near[u] & (ratings[:, i] > 0), i]
        if theirs.size:
            between = min(theirs) - 1e-9 <= predicted[u, i] <= max(theirs) + 1e-9
            assert between, f"user {u}, item {i}: neighbours gave it {min(theirs)} to {max(theirs)}"


@pytest.mark.properties(spec="R1", hint=3)
@given(newcomers())
def test_never_recommends_what_is_rated(question: Question) -> None:
    """Recommendations are n different items that the user hasn't rated, or all of these if there are fewer."""
    ratings, user, n, k = question
    unrated = np.flatnonzero(ratings[user] == 0).tolist()
    chosen = list(recommend(ratings, user, n, k))
    assert len(chosen) == min(n, len(unrated)), "as many items as were asked for and are unrated"
    assert len(set(chosen)) == len(chosen), "no item twice"
    assert set(chosen) <= set(unrated), "only items that the user hasn't rated"


@pytest.mark.oracle(spec="S1 S2", hint=1)
@given(shops)
def test_similarity_agrees_with_a_slow_definition(ratings: Matrix) -> None:
    """Similarities equal the cosine computed for two users at a time, by its definition."""
    assert user_similarity(ratings) == pytest.approx(_similarity(ratings))


@pytest.mark.oracle(spec="P1 P3 P4 P5", hint=2)
@given(shops)
def test_predictions_agree_with_a_slow_definition(ratings: Matrix) -> None:
    """Predictions of all neighbours equal those computed for one cell at a time, by the definition."""
    assert predict(ratings) == pytest.approx(_predictions(ratings))


@pytest.mark.oracle(spec="P2", hint=2)
@given(clear_shops, st.integers(0, 4))
def test_predictions_with_k_agree_with_a_slow_definition(ratings: Matrix, k: int) -> None:
    """Predictions of k neighbours equal those computed for one cell at a time, by the definition."""
    assert predict(ratings, k) == pytest.approx(_predictions(ratings, k))


@pytest.mark.oracle(spec="R2", hint=3)
@given(questions)
def test_recommendations_follow_the_predictions(question: Question) -> None:
    """The items recommended are those with the highest predictions for this k, best first."""
    ratings, user, n, k = question
    chosen = list(recommend(ratings, user, n, k))
    predicted = _predictions(ratings, k)[user]
    # Where two predictions are all but equal, rounding decides between them, so either order will do.
    place = {item: place for place, item in enumerate(chosen)}
    unrated = np.flatnonzero(ratings[user] == 0).tolist()
    best = sorted(unrated, key=lambda item: (-round(predicted[item], 9), place.get(item, n)))
    assert chosen == best[:n]


@pytest.mark.data(spec="P3", hint=2)
def test_predictions_beat_the_users_own_mean() -> None:
    """In a shop where people share tastes, held-out ratings are nearer to the predictions than to the user's mean."""
    rng = np.random.default_rng(1)
    tastes = rng.normal((1.0, 0.0), (0.5, 0.7), (60, 2)) @ rng.normal(size=(2, 80))
    stars_given = np.clip(np.rint(3 + tastes + rng.normal(0, 0.5, (60, 80))), 1, 5)
    part = rng.choice(3, stars_given.shape, p=[0.4, 0.4, 0.2])
    ratings, held_out = np.where(part == 1, stars_given, 0), np.where(part == 2, stars_given, 0)
    means = ratings.sum(axis=1, keepdims=True) / (ratings > 0).sum(axis=1, keepdims=True)
    # RMSE over that of the mean, seeds 0 to 4: right .70 .69 .71 .75 .76, so 0.95; zeros as ratings 1.76 and more.
    error, bar = _rmse(np.asarray(predict(ratings, 10)), held_out), 0.95 * _rmse(means, held_out)
    assert error <= bar, f"RMSE {error:.3f}; 0.95 times that of the user's own mean is {bar:.3f}"


@pytest.mark.speed(spec="P6", hint=2, seconds=20)
def test_is_fast_enough_for_a_small_shop() -> None:
    """300 x 400 ratings take at most 5 times the CPU time of a loop over users with numpy inside, plus 50 ms."""
    bar = mine = math.inf
    for full_shop in np.random.default_rng(6).integers(1, 6, (3, 300, 400)).astype(float):
        slow, found = checking.timed(_user_by_user, full_shop), checking.timed(predict, full_shop)
        bar, mine = min(bar, slow.seconds), min(mine, found.seconds)
        right = np.shape(found.answer) == full_shop.shape and np.allclose(found.answer, slow.answer, rtol=1e-6)
        assert right, "the predictions of 300 x 400 ratings are those of the definition"
        if mine <= 5 * bar + 0.05:
            return
    pytest.fail(f"{mine:.2f} s of CPU; a loop over users with numpy inside takes {bar:.2f} s")
