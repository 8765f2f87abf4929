"""Hidden checks of search/keyword_match. Long, for four functions of which each needs its own inputs.

A check's docstring is the sentence that the learner reads; `spec` names the rules of the statement that it holds.
"""

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyword_match import embed, idf, search, tfidf_vector
from numpy.typing import NDArray

from grader import checking

Tokens = list[str]
Weights = dict[str, float]
Vectors = dict[str, NDArray[np.float64]]
Text = tuple[Tokens, Weights, Vectors, int]

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

words = st.sampled_from(["red", "wool", "coat", "hat"])
titles = st.lists(words, max_size=5)
collections = st.lists(titles, min_size=1, max_size=5)
some_weights = st.dictionaries(words, st.sampled_from([0.5, 1.0, 1.5, 2.0, 3.0]), max_size=4)


@st.composite
def texts(draw: st.DrawFn) -> Text:
    """Tokens, weights, vectors and dim; the first token has a weight and a vector, the others both, one or neither."""
    dim = draw(st.integers(1, 3))
    vector = st.lists(st.integers(-4, 4), min_size=dim, max_size=dim).map(lambda row: np.array(row, dtype=np.float64))
    weights, vectors = {"red": 2.5}, {"red": draw(vector)}
    for word in ("wool", "coat", "hat"):
        known = draw(st.sampled_from(["both", "weight", "vector", "neither"]))
        if known in ("both", "weight"):
            weights[word] = draw(st.sampled_from([0.5, 1.0, 2.0, 3.0]))
        if known in ("both", "vector"):
            vectors[word] = draw(vector)
    return ["red", *draw(st.lists(words, min_size=1, max_size=5))], weights, vectors, dim


@st.composite
def weighed_titles(draw: st.DrawFn) -> tuple[Tokens, Weights]:
    """A title whose first token has a weight, and weights."""
    return ["red", *draw(titles)], draw(some_weights) | {"red": 2.5}


@st.composite
def questions(draw: st.DrawFn) -> tuple[Tokens, list[Tokens]]:
    """A query that starts with 'red', and documents in any order, of which one starts with it and one lacks it."""
    docs = [["red", *draw(titles)], ["wool", "coat"], *draw(st.lists(titles, max_size=3))]
    return ["red", *draw(st.lists(words | st.just("mug"), max_size=3))], draw(st.permutations(docs))


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[list[Tokens], list[int]]:
    """Documents, the first of which holds 'red', and an order to put them in."""
    docs = [["red", *draw(titles)], *draw(st.lists(titles, min_size=1, max_size=4))]
    return docs, draw(st.permutations(range(len(docs))))


@st.composite
def copied_documents(draw: st.DrawFn) -> tuple[Tokens, list[Tokens]]:
    """A query, and documents of which the first has the same tokens in any order."""
    query = draw(st.lists(words, min_size=1, max_size=5))
    return query, [draw(st.permutations(query)), *draw(st.lists(titles, max_size=4))]


def about(expected: Any) -> Any:
    """The expected value, up to the rounding of float64."""
    return pytest.approx(expected, rel=1e-9, abs=1e-12)


def _idf(docs: list[Tokens]) -> Weights:
    """By definition, one term at a time."""
    terms = {term for doc in docs for term in doc}
    return {term: math.log((1 + len(docs)) / (1 + sum(term in doc for doc in docs))) + 1 for term in terms}


def _cosine(mine: list[float], theirs: list[float]) -> float:
    lengths = math.sqrt(sum(x * x for x in mine)) * math.sqrt(sum(y * y for y in theirs))
    return sum(x * y for x, y in zip(mine, theirs, strict=True)) / lengths if lengths else 0.0


def _scores(query: Tokens, docs: list[Tokens]) -> list[float]:
    """By definition: the cosine of two vectors with an entry for every term of the documents."""
    weights = _idf(docs)
    rows = [[text.count(term) * weight for term, weight in weights.items()] for text in (query, *docs)]
    return [_cosine(rows[0], row) for row in rows[1:]]


def _embedding(tokens: Tokens, weights: Weights, vectors: Vectors, dim: int) -> NDArray[np.float64]:
    """By definition, one token at a time."""
    total, weight = np.zeros(dim), 0.0
    for token in tokens:
        if token in weights and token in vectors:
            total, weight = total + weights[token] * vectors[token], weight + weights[token]
    return total / weight if weight else total


def _pairs(returned: Any, expected: list[tuple[int, float]]) -> Any:
    """What `search` gave, with scores that differ from the expected ones by rounding alone set to these."""
    near = [score for _, score in expected] + [math.nan] * len(returned)
    return [(doc, ours if score == about(ours) else score) for (doc, score), ours in zip(returned, near, strict=False)]


def _documents(returned: Any) -> list[Any]:
    return [doc for doc, _ in returned]


def _plain_search(query: Tokens, docs: list[Tokens], k: int) -> list[tuple[int, float]]:
    """The slowest search that we accept: dicts, in plain Python."""
    df = Counter(term for doc in docs for term in set(doc))
    weights = {term: math.log((1 + len(docs)) / (1 + count)) + 1 for term, count in df.items()}
    vectors = []
    for text in (query, *docs):
        vector = {term: count * weights[term] for term, count in Counter(text).items() if term in weights}
        length = math.sqrt(sum(entry * entry for entry in vector.values()))
        vectors.append({term: entry / length for term, entry in vector.items()})
    wanted, *others = vectors
    scores = [sum(entry * other.get(term, 0.0) for term, entry in wanted.items()) for other in others]
    return sorted(((d, s) for d, s in enumerate(scores) if s > 0), key=lambda pair: (-pair[1], pair[0]))[:k]


def _catalogue(rng: np.random.Generator) -> list[Tokens]:
    """3,000 titles of 4 to 10 words; of 2,000 words, the r-th most frequent is met in proportion to 1 / r."""
    lengths = rng.integers(4, 11, 3000)
    shares = 1 / np.arange(1, 2001)
    stream = iter(rng.choice(2000, lengths.sum(), p=shares / shares.sum()).tolist())
    return [[f"w{next(stream)}" for _ in range(length)] for length in lengths.tolist()]


def _topical_titles(rng: np.random.Generator) -> tuple[list[Tokens], Vectors, list[int], NDArray[np.float64]]:
    """200 titles of three words of their topic and three of eight words said everywhere; vectors; topics; centres."""
    centres = rng.normal(size=(20, 16))
    near = centres[:, np.newaxis] + rng.normal(0, 1.2, (20, 25, 16))
    vectors = {f"t{topic}w{word}": near[topic, word] for topic in range(20) for word in range(25)}
    vectors |= {f"said{word}": vector for word, vector in enumerate(rng.normal(0, 1.5, (8, 16)))}
    topics = rng.integers(0, 20, 200).tolist()
    own, said = rng.integers(0, 25, (200, 3)).tolist(), rng.integers(0, 8, (200, 3)).tolist()
    docs = [
        [f"t{topic}w{word}" for word in theirs] + [f"said{word}" for word in common]
        for topic, theirs, common in zip(topics, own, said, strict=True)
    ]
    return docs, vectors, topics, centres


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
    assert _pairs(search(text, docs, 5), hits) == hits
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
    assert _pairs(search(["belt", "coat"], RACK, 4), expected) == expected
    assert _pairs(search(["belt", "coat"], RACK, 2), expected) == expected[:2]


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
    assert _pairs(search(["silk", "hat"], RACK, 3), expected) == expected
    # Belt twice as often as coat: (2 BELT, COAT).
    wanted = math.hypot(2 * BELT, COAT)
    expected = [(2, (6 * BELT**2 + COAT**2) / math.sqrt(9 * BELT**2 + WOOL**2 + COAT**2) / wanted)]
    assert _pairs(search(["belt", "coat", "belt"], RACK, 1), expected) == expected
    assert _pairs(search(["belt", "coat", "belt"] * 2, RACK, 1), expected) == expected


@pytest.mark.edges(spec="S2", hint=3)
def test_finds_no_more_than_matches() -> None:
    """Documents that share nothing with the query are never given; k = 0 or no documents give an empty list."""
    assert _documents(search(["hat", "coat"], RACK, 9)) == [1, 0, 2]
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
    assert _documents(search(["wool"], docs, 3)) == [1, 3, 4]
    assert _documents(search(["wool"], [["coat"], ["wool"], ["coat"]] * 30, 5)) == [1, 4, 7, 10, 13]


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
    assert sorted(_documents(hits)) == sharing
    assert all(0 < score <= 1 + 1e-9 for _, score in hits), "a score is above 0 and at most 1"


@pytest.mark.properties(spec="S1 V3", hint=3)
@given(copied_documents())
def test_document_finds_itself(asked: tuple[Tokens, list[Tokens]]) -> None:
    """A document that has the tokens of the query, in whatever order, scores 1."""
    query, docs = asked
    assert dict(search(query, docs, len(docs))).get(0) == about(1.0)


@pytest.mark.properties(spec="G1 S1", hint=3)
@given(shuffled())
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
    assert embed(*text) == about(_embedding(*text))


@pytest.mark.oracle(spec="S1 S2 S3 G1", hint=3)
@given(questions(), st.sampled_from([5, 2, 1]))
def test_search_agrees_with_a_slow_definition(asked: tuple[Tokens, list[Tokens]], k: int) -> None:
    """`search` gives the k highest cosines above 0 of whole vectors, by the definition, with their documents."""
    query, docs = asked
    returned = search(query, docs, k)
    scores = _scores(query, docs)
    # Where two scores are all but equal, rounding decides between them, so either order will do.
    place = {doc: place for place, doc in enumerate(_documents(returned))}
    ranked = sorted(range(len(docs)), key=lambda doc: (-round(scores[doc], 9), place.get(doc, k)))
    expected = [(doc, scores[doc]) for doc in ranked if scores[doc] > 0][:k]
    assert _pairs(returned, expected) == expected


@pytest.mark.data(spec="E1 I1", hint=2)
def test_weights_bring_texts_nearer_to_their_topic() -> None:
    """Titles full of words that are said everywhere lie nearer to their own topic than by a mean without weights."""
    docs, vectors, topics, centres = _topical_titles(np.random.default_rng(5))
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
        docs = _catalogue(rng)
        query = [f"w{word}" for word in rng.integers(0, 300, 4).tolist()]
        slow, fast = checking.timed(_plain_search, query, docs, 3000), checking.timed(search, query, docs, 3000)
        bar, mine = min(bar, slow.seconds), min(mine, fast.seconds)
        same = sorted(_documents(fast.answer)) == sorted(_documents(slow.answer))
        assert same, "the titles that share a word with the query are found, and no others"
    assert mine <= 5 * bar + 0.05, f"a search took {mine:.2f} s of CPU; one in plain Python takes {bar:.2f} s"
