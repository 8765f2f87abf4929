"""Hidden checks of search/keyword_match.

A check's docstring is the sentence that the learner reads; `spec` names the rules of the statement that it holds.
"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyword_match import embed, idf, search, tfidf_vector
from numpy.typing import NDArray

from grader import checking
from grader.checks.answers import about, keys_of, rounded_pairs
from grader.checks.oracles.tf_idf import plain_search, slow_embedding, slow_scores
from grader.checks.strategies.documents import (
    Text,
    Tokens,
    Weights,
    collections,
    copied_documents,
    questions,
    shuffled_documents,
    texts,
    topical_titles,
    weighed_titles,
    zipfian_titles,
)

# N = 5, so an idf is ln(6 / (1 + df)) + 1. Wool is in all of them, six times; belt in three, five times; coat in two.
RACK = [
    ["wool", "coat"],
    ["wool", "hat", "wool"],
    ["belt", "wool", "coat", "belt", "belt"],
    ["wool", "belt"],
    ["scarf", "wool", "belt", "scarf"],
]
WOOL, BELT, COAT, HAT = 1.0, math.log(3 / 2) + 1, math.log(2) + 1, math.log(3) + 1

# Whole weights and whole vectors, of which no two are alike and no sum is symmetric.
SHELF = {"wool": 1.0, "coat": 2.0, "hat": 4.0, "silk": 3.0}
SPACE = {
    "wool": np.array([1.0, 0, 2]),
    "coat": np.array([0.0, 4, -1]),
    "hat": np.array([-3.0, 2, 0]),
    "linen": np.array([9.0, 9, 9]),
}


def _share_at_home(points: NDArray[np.float64], topics: list[int], centres: NDArray[np.float64]) -> float:
    """Of how many texts the nearest centre, by angle, is that of their own topic."""
    angles = points @ (centres / np.linalg.norm(centres, axis=1, keepdims=True)).T
    return float(np.mean(angles.argmax(axis=1) == topics))


@pytest.mark.interface(spec="G1 I1 V1 E3 S4", hint=1)
def test_answers_are_dicts_an_array_and_a_list_of_pairs() -> None:
    """`idf` and `tfidf_vector` give dicts of floats, `embed` float64 of shape (dim,), `search` a list of tuples."""
    for answer in (idf(RACK), tfidf_vector(["wool", "hat"], SHELF)):
        assert type(answer) is dict, "idf and tfidf_vector give plain dicts"
        assert all(isinstance(term, str) for term in answer), "whose keys are the terms"
        assert all(isinstance(value, float) for value in answer.values()), "and whose values are floats"
    point = embed(["wool", "hat"], SHELF, SPACE, 3)
    assert isinstance(point, np.ndarray), "embed gives an array"
    assert point.dtype == np.float64, "embed gives float64"
    assert point.shape == (3,), "embed gives dim numbers, (dim,)"
    hits = search(["wool", "coat"], RACK, 2)
    assert isinstance(hits, list), "search gives a list"
    assert all(isinstance(hit, tuple) for hit in hits), "search gives tuples"
    assert all([type(part) for part in hit] == [int, float] for hit in hits), "each of a plain int and a plain float"


@pytest.mark.interface(spec="G1", hint=1)
def test_arguments_are_left_alone() -> None:
    """Texts, weights and vectors are the caller's: the same question has the same answer, whatever was asked before."""
    docs, text = checking.resident([list(doc) for doc in RACK]), checking.resident(["coat", "wool", "coat"])
    weights, vectors = (
        checking.resident(dict(SHELF)),
        checking.resident({term: row.copy() for term, row in SPACE.items()}),
    )
    hits, point = search(text, docs, 5), embed(text, weights, vectors, 3)
    idf(docs)
    tfidf_vector(text, weights)
    assert rounded_pairs(search(text, docs, 5), hits) == hits
    assert embed(text, weights, vectors, 3) == about(point)


@pytest.mark.examples(spec="I1 I2", hint=1)
def test_terms_weigh_by_how_few_documents_hold_them() -> None:
    """An idf is ln((1 + N) / (1 + df)) + 1, for every term of the documents; df counts documents, not mentions."""
    assert idf(RACK) == about({"wool": WOOL, "coat": COAT, "hat": HAT, "belt": BELT, "scarf": HAT})


@pytest.mark.examples(spec="V1 V3", hint=1)
def test_vector_is_count_times_weight_of_length_one() -> None:
    """An entry is how often the text says the term times its weight, divided by the length of all of them together."""
    # (2 * 1, 2, 1 * 4, 4 * 3) = (2, 2, 4, 12), with 1 * 2 for coat: the squares add up to 168.
    text = ["silk", "wool", "silk", "coat", "wool", "hat", "silk", "silk"]
    length = math.sqrt(168)
    assert tfidf_vector(text, SHELF) == about(
        {"wool": 2 / length, "coat": 2 / length, "hat": 4 / length, "silk": 12 / length}
    )
    assert tfidf_vector(["coat", "hat", "coat", "coat", "hat"], SHELF) == about({"coat": 0.6, "hat": 0.8})


@pytest.mark.examples(spec="E1", hint=2)
def test_embedding_is_a_weighted_mean() -> None:
    """An embedding is the mean of the vectors of all tokens by their weights; what is said twice counts twice."""
    # Weights 2 for coat, 1 and 1 for wool, 4 for hat: 8. (2 * 1 - 4 * 3, 2 * 4 + 4 * 2, 2 * 2 - 2 * 1) = (-10, 16, 2).
    assert embed(["coat", "wool", "hat", "wool"], SHELF, SPACE, 3) == about(np.array([-1.25, 2.0, 0.25]))


@pytest.mark.examples(spec="S1 S2", hint=3)
def test_search_gives_the_best_first() -> None:
    """`search` gives the k documents of the highest cosines with these, the best first."""
    wanted = math.hypot(BELT, COAT)
    expected = [
        (2, (3 * BELT**2 + COAT**2) / math.sqrt(9 * BELT**2 + WOOL**2 + COAT**2) / wanted),
        (0, COAT**2 / math.hypot(WOOL, COAT) / wanted),
        (3, BELT**2 / math.hypot(WOOL, BELT) / wanted),
        (4, BELT**2 / math.sqrt(4 * HAT**2 + WOOL**2 + BELT**2) / wanted),
    ]
    assert rounded_pairs(search(["belt", "coat"], RACK, 4), expected) == expected
    assert rounded_pairs(search(["belt", "coat"], RACK, 2), expected) == expected[:2]


@pytest.mark.edges(spec="I1 I2", hint=1)
def test_empty_documents_count() -> None:
    """Documents without tokens count in N; without any document that has some, there is no term."""
    docs: list[Tokens] = [["wool"], [], ["wool", "coat"], []]
    assert idf(docs) == about({"wool": math.log(5 / 3) + 1, "coat": math.log(5 / 2) + 1})
    assert idf([["hat"]]) == about({"hat": 1.0})
    assert idf([]) == {}
    assert idf([[], []]) == {}


@pytest.mark.edges(spec="V2", hint=1)
def test_words_without_weight_are_left_out_of_the_vector() -> None:
    """A token without a weight is left out, as if it hadn't been said; if nothing is left, the vector is `{}`."""
    assert tfidf_vector(["linen", "coat", "linen"], SHELF) == about({"coat": 1.0})
    assert tfidf_vector(["linen"], SHELF) == {}
    assert tfidf_vector([], SHELF) == {}
    assert tfidf_vector(["wool"], {}) == {}


@pytest.mark.edges(spec="E1 E2", hint=2)
def test_words_without_weight_or_vector_are_left_out_of_the_mean() -> None:
    """A token that lacks a weight or a vector is in neither sum; if no token has both, the embedding is zeros."""
    # Silk has a weight of 3 and no vector, linen a vector and no weight: (2 * coat + 4 * hat) / 6 is left.
    assert embed(["silk", "coat", "linen", "hat"], SHELF, SPACE, 3) == about(np.array([-2.0, 8 / 3, -1 / 3]))
    assert embed(["silk", "linen", "mug"], SHELF, SPACE, 3) == about(np.zeros(3))
    assert embed([], SHELF, SPACE, 2) == about(np.zeros(2))


@pytest.mark.edges(spec="E3", hint=2)
def test_embedding_is_calculated_in_float64() -> None:
    """Vectors of small floats or integers are averaged in float64, to its precision and without overflow."""
    weights = {"wool": 0.1, "coat": 0.7}
    small = {term: np.array(row, dtype=np.float32) for term, row in (("wool", [0.1, 3.7]), ("coat", [1.3, -0.9]))}
    exact = {term: row.astype(np.float64) for term, row in small.items()}
    text = ["wool", "coat", "wool"]
    assert embed(text, weights, small, 2) == about((0.2 * exact["wool"] + 0.7 * exact["coat"]) / 0.9)
    whole = {"wool": np.array([100, 1], dtype=np.int8), "coat": np.array([90, -3], dtype=np.int8)}
    assert embed(["wool", "coat"], {"wool": 1.0, "coat": 3.0}, whole, 2) == about(np.array([92.5, -2.0]))


@pytest.mark.edges(spec="S1 V2 V3", hint=3)
def test_query_is_weighed_as_a_document_is() -> None:
    """Words of the query that no document holds change nothing, nor does saying all of it twice."""
    expected = [(1, HAT / math.hypot(HAT, 2 * WOOL))]
    assert rounded_pairs(search(["silk", "hat"], RACK, 3), expected) == expected
    # Belt twice as often as coat: (2 BELT, COAT).
    wanted = math.hypot(2 * BELT, COAT)
    expected = [(2, (6 * BELT**2 + COAT**2) / math.sqrt(9 * BELT**2 + WOOL**2 + COAT**2) / wanted)]
    assert rounded_pairs(search(["belt", "coat", "belt"], RACK, 1), expected) == expected
    assert rounded_pairs(search(["belt", "coat", "belt"] * 2, RACK, 1), expected) == expected


@pytest.mark.edges(spec="S2", hint=3)
def test_finds_no_more_than_matches() -> None:
    """Documents that share nothing with the query are never given; k = 0 or no documents give an empty list."""
    assert keys_of(search(["hat", "coat"], RACK, 9)) == [1, 0, 2]
    assert search(["silk"], RACK, 9) == []
    assert search([], RACK, 9) == []
    assert search(["hat"], RACK, 0) == []
    assert search(["hat"], [], 3) == []
    assert search(["hat"], [[], []], 3) == []


@pytest.mark.edges(spec="S3", hint=3)
def test_equal_scores_come_in_order() -> None:
    """Of documents with equal scores the one of lower index comes first."""
    # A document of one word, said once or twice, has the vector {word: 1} however it is computed.
    docs = [["wool", "hat"], ["wool"], ["hat"], ["wool", "wool"], ["wool"]]
    assert keys_of(search(["wool"], docs, 3)) == [1, 3, 4]
    assert keys_of(search(["wool"], [["coat"], ["wool"], ["coat"]] * 30, 5)) == [1, 4, 7, 10, 13]


@pytest.mark.edges(spec="S2", hint=3)
def test_negative_k_is_refused() -> None:
    """A negative k raises ValueError, whatever is asked."""
    for query in (["wool"], ["silk"]):
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            search(query, RACK, -1)


@pytest.mark.edges(spec="E4", hint=2)
def test_vectors_of_another_shape_are_refused() -> None:
    """A dim below 1 raises ValueError, and so does a vector that is needed and isn't of shape (dim,)."""
    for dim in (2, 4, 0, -1):
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            embed(["coat", "wool"], SHELF, SPACE, dim)
    with pytest.raises(ValueError):  # noqa: PT011
        embed(["silk"], SHELF, SPACE, 0)
    for wrong in (np.array([5.0]), np.array(5.0), np.array([[1.0, 2, 3]]), np.array([1.0, 2])):
        with pytest.raises(ValueError):  # noqa: PT011
            embed(["wool", "coat"], SHELF, SPACE | {"coat": wrong}, 3)
        with pytest.raises(ValueError):  # noqa: PT011
            embed(["coat"], SHELF, {"coat": wrong}, 3)


@pytest.mark.properties(spec="I1 I2", hint=1)
@given(collections.filter(any))
def test_idf_is_one_if_all_documents_hold_the_term(docs: list[Tokens]) -> None:
    """An idf is 1 for a term that every document holds and above 1 for any other, and the rarer term weighs more."""
    weights = idf(docs)
    held = {term: sum(term in doc for doc in docs) for term in {term for doc in docs for term in doc}}
    assert set(weights) == set(held), "the keys are the terms of the documents"
    for term, df in held.items():
        assert (weights[term] > 1 + 1e-9) == (df < len(docs)), f"{df} of {len(docs)} documents hold {term!r}"
        assert weights[term] > 1 - 1e-9, "an idf is at least 1"
        for other, theirs in held.items():
            assert df >= theirs or weights[term] > weights[other], f"{term!r} is in fewer documents than {other!r}"


@pytest.mark.properties(spec="V1 V2 V3", hint=1)
@given(weighed_titles())
def test_vector_has_length_one(asked: tuple[Tokens, Weights]) -> None:
    """A vector has length 1, entries for the weighed terms of the text alone, and is the same if all is said twice."""
    tokens, weights = asked
    vector = tfidf_vector(tokens, weights)
    assert set(vector) == {token for token in tokens if token in weights}, "the terms of the text that have a weight"
    assert sum(entry * entry for entry in vector.values()) == about(1.0)
    assert tfidf_vector(tokens + tokens, weights) == about(vector)


@pytest.mark.properties(spec="E1 E2", hint=2)
@given(texts())
def test_embedding_lies_between_its_vectors(text: Text) -> None:
    """No entry of an embedding lies outside those of the vectors that it is the mean of."""
    tokens, weights, vectors, dim = text
    point = np.asarray(embed(tokens, weights, vectors, dim))
    rows = np.array([vectors[token] for token in tokens if token in weights and token in vectors])
    assert np.all(point >= rows.min(axis=0) - 1e-9), "an entry lies below that of every vector"
    assert np.all(point <= rows.max(axis=0) + 1e-9), "an entry lies above that of every vector"


@pytest.mark.properties(spec="S1 S2", hint=3)
@given(questions())
def test_scores_lie_between_zero_and_one(asked: tuple[Tokens, list[Tokens]]) -> None:
    """Found are the documents that share a term with the query, no others; no score is above 1."""
    query, docs = asked
    hits = search(query, docs, len(docs))
    sharing = [index for index, doc in enumerate(docs) if set(doc) & set(query)]
    assert sorted(keys_of(hits)) == sharing
    assert all(0 < score <= 1 + 1e-9 for _, score in hits), "a score is above 0 and at most 1"


@pytest.mark.properties(spec="S1 V3", hint=3)
@given(copied_documents())
def test_document_finds_itself(asked: tuple[Tokens, list[Tokens]]) -> None:
    """A document that has the tokens of the query, in whatever order, scores 1."""
    query, docs = asked
    assert dict(search(query, docs, len(docs))).get(0) == about(1.0)


@pytest.mark.properties(spec="G1 S1", hint=3)
@given(shuffled_documents())
def test_order_of_documents_is_irrelevant(mixed: tuple[list[Tokens], list[int]]) -> None:
    """The same documents in another order have the same scores."""
    docs, order = mixed
    scores, moved = dict(search(["red", "wool"], docs, 9)), search(["red", "wool"], [docs[old] for old in order], 9)
    assert scores.get(0, 0.0) > 0, f"document 0, {docs[0]}, holds 'red'"
    assert {order[index]: score for index, score in moved} == about(scores)


@pytest.mark.oracle(spec="E1 E2", hint=2)
@given(texts())
def test_embedding_agrees_with_a_slow_definition(text: Text) -> None:
    """An embedding equals the one computed one token at a time, by the definition."""
    assert embed(*text) == about(slow_embedding(*text))


@pytest.mark.oracle(spec="S1 S2 S3 G1", hint=3)
@given(questions(), st.sampled_from([5, 2, 1]))
def test_search_agrees_with_a_slow_definition(asked: tuple[Tokens, list[Tokens]], k: int) -> None:
    """`search` gives the k highest cosines above 0 of whole vectors, by the definition, with their documents."""
    query, docs = asked
    returned = search(query, docs, k)
    scores = slow_scores(query, docs)
    # Where two scores are all but equal, rounding decides between them, so either order will do.
    place = {doc: place for place, doc in enumerate(keys_of(returned))}
    ranked = sorted(range(len(docs)), key=lambda doc: (-round(scores[doc], 9), place.get(doc, k)))
    expected = [(doc, scores[doc]) for doc in ranked if scores[doc] > 0][:k]
    assert rounded_pairs(returned, expected) == expected


@pytest.mark.data(spec="E1 I1", hint=2)
def test_weights_bring_texts_nearer_to_their_topic() -> None:
    """Titles full of words that are said everywhere lie nearer to their own topic than by a mean without weights."""
    docs, vectors, topics, centres = topical_titles(np.random.default_rng(5))
    plain = _share_at_home(np.array([np.mean([vectors[t] for t in doc], axis=0) for doc in docs]), topics, centres)
    weights, space = checking.resident(idf(docs)), checking.resident(vectors)
    points = np.array([embed(doc, weights, space, 16) for doc in docs])
    weighed = _share_at_home(points, topics, centres)
    assert 1 - weighed <= 0.75 * (1 - plain), (
        f"{weighed:.1%} lie nearest to their topic; without weights {plain:.1%} do"
    )


@pytest.mark.speed(spec="S5", hint=3, seconds=20)
def test_search_counts_the_collection_once() -> None:
    """A search of 3,000 titles takes at most 5 times as long as one in plain Python, plus 50 ms."""
    rng = np.random.default_rng(3)
    bar = mine = math.inf
    for _ in range(3):
        docs = zipfian_titles(rng, 3000)
        query = [f"w{word}" for word in rng.integers(0, 300, 4).tolist()]
        slow, fast = checking.timed(plain_search, query, docs, 3000), checking.timed(search, query, docs, 3000)
        bar, mine = min(bar, slow.seconds), min(mine, fast.seconds)
        same = sorted(keys_of(fast.answer)) == sorted(keys_of(slow.answer))
        assert same, "the titles that share a word with the query are found, and no others"
    assert mine <= 5 * bar + 0.05, f"a search took {mine:.2f} s of CPU; one in plain Python takes {bar:.2f} s"
