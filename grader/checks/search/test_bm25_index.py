"""Hidden checks of search/bm25_index.

A check's docstring is the sentence that the learner reads; `spec` names the rules of the statement that it holds.
An index made by the learner stays where their code runs: checks call its methods, and look at nothing else.
"""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest
from bm25_index import BM25Index
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from grader import checking
from grader.checks.answers import about, keys_of, rounded_pairs
from grader.checks.strategies.documents import (
    Tokens,
    asked_twice,
    collections,
    one_word_added,
    one_word_changed,
    queries,
    rare_queries,
    shuffled_among_others,
    words,
    zipfian_titles,
)

Scores = NDArray[np.float64]

# Five documents of 3 tokens on average, so that k1 (1 - b + b dl / avgdl) is 0.9, 1.2, 0.6, 2.1 and 1.2 by default.
# With N = 5 an idf is ln(12 / (2 df + 1)): wool ln(4/3), coat ln(12/7), each of the others ln 4.
RACK = [
    ["wool", "coat"],
    ["wool", "hat", "wool"],
    ["coat"],
    ["coat", "belt", "coat", "wool", "coat", "lining"],
    ["rain", "boots", "wool"],
]
WOOL, COAT, HAT = math.log(4 / 3), math.log(12 / 7), math.log(4)

k1s = st.sampled_from([1.2, 0.5, 2.0])
any_k1s = k1s | st.just(0.0)
bs = st.sampled_from([0.75, 0.5, 1.0, 0.0])


def _idf(docs: list[Tokens], term: str) -> float:
    """By the definition."""
    df = sum(term in doc for doc in docs)
    return math.log(1 + (len(docs) - df + 0.5) / (df + 0.5)) if df else 0.0


def _score(docs: list[Tokens], query: Tokens, doc: Tokens, k1: float, b: float) -> float:
    """Of one document, one token of the query at a time."""
    average = sum(map(len, docs)) / len(docs)
    found = [(_idf(docs, term), doc.count(term)) for term in query if term in doc]
    return sum(idf * tf / (tf + k1 * (1 - b + b * len(doc) / average)) for idf, tf in found)


def _scores(docs: list[Tokens], query: Tokens, k1: float = 1.2, b: float = 0.75) -> Scores:
    return np.array([_score(docs, query, doc, k1, b) for doc in docs])


class _DictPostings:
    """The slowest index that we accept: a dict of postings, in plain Python."""

    def __init__(self, docs: list[Tokens], k1: float = 1.2, b: float = 0.75) -> None:
        average = sum(map(len, docs)) / len(docs)
        self.n = len(docs)
        self.postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for index, doc in enumerate(docs):
            half = k1 * (1 - b + b * len(doc) / average)
            for term, tf in Counter(doc).items():
                self.postings[term].append((index, tf / (tf + half)))

    def scores(self, query: Tokens) -> Scores:
        scores = np.zeros(self.n)
        for term in query:
            found = self.postings.get(term, [])
            idf = math.log(1 + (self.n - len(found) + 0.5) / (len(found) + 0.5))
            for index, part in found:
                scores[index] += idf * part
        return scores


@pytest.mark.interface(spec="G1 I1 R3", hint=1)
def test_answers_are_a_float_an_array_and_a_list_of_pairs() -> None:
    """`idf` gives a float, `scores` float64 of shape (N,), `search` a list of tuples of an int and a float."""
    index = BM25Index(RACK, k1=1.2, b=0.75)
    assert isinstance(index.idf("wool"), float), "idf gives a float"
    scores = index.scores(["wool", "coat"])
    assert isinstance(scores, np.ndarray), "scores gives an array"
    assert scores.dtype == np.float64, "scores gives float64"
    assert scores.shape == (5,), "scores gives one score a document, (N,)"
    hits = index.search(["wool", "coat"], k=2)
    assert isinstance(hits, list), "search gives a list"
    assert all(isinstance(hit, tuple) for hit in hits), "search gives tuples"
    assert all([type(part) for part in hit] == [int, float] for hit in hits), "each of a plain int and a plain float"


@pytest.mark.interface(spec="G1", hint=1)
def test_documents_and_query_are_left_alone() -> None:
    """Documents and query are the caller's: the same question has the same answer, whatever was done before."""
    docs, query = checking.resident([list(doc) for doc in RACK]), checking.resident(["wool", "coat", "wool"])
    before = BM25Index(docs).scores(query)
    BM25Index(docs).search(query, 2)
    assert BM25Index(docs).scores(query) == pytest.approx(before)


@pytest.mark.examples(spec="I1", hint=1)
def test_terms_weigh_by_how_few_documents_hold_them() -> None:
    """The idf is ln(1 + (N - df + 0.5) / (df + 0.5)): a term that most documents hold still weighs more than 0."""
    assert BM25Index(RACK).idf("coat") == about(COAT)
    assert BM25Index(RACK).idf("wool") == about(WOOL)
    assert BM25Index(RACK).idf("hat") == about(HAT)


@pytest.mark.examples(spec="S1 S2", hint=2)
def test_scores_with_the_default_parameters() -> None:
    """A score is the sum of idf times tf / (tf + k1 (1 - b + b dl / avgdl)), over every token of the query."""
    wool = np.array([10 / 19, 5 / 8, 0, 10 / 31, 5 / 11]) * WOOL
    coat = np.array([10 / 19, 0, 5 / 8, 10 / 17, 0]) * COAT
    assert BM25Index(RACK).scores(["coat"]) == about(coat)
    assert BM25Index(RACK).scores(["wool", "coat", "wool"]) == about(wool + coat + wool)


@pytest.mark.examples(spec="S1", hint=2)
def test_k1_and_b_set_the_curve() -> None:
    """k1 says how slowly repetition pays less and less, b how much the length of a document matters."""
    # k1 (1 - b + b dl / 3) is 1 + dl / 3: 5/3, 2, 4/3, 3 and 2.
    wool = np.array([3 / 8, 1 / 2, 0, 1 / 4, 1 / 3]) * WOOL
    coat = np.array([3 / 8, 0, 3 / 7, 1 / 2, 0]) * COAT
    assert BM25Index(RACK, k1=2.0, b=0.5).scores(["wool", "coat"]) == about(wool + coat)


@pytest.mark.examples(spec="R1", hint=3)
def test_search_gives_the_best_first() -> None:
    """`search` gives the k documents of the highest scores with these scores, the best first."""
    expected = [(0, (WOOL + COAT) * 10 / 19), (3, WOOL * 10 / 31 + COAT * 10 / 17), (2, COAT * 5 / 8)]
    assert rounded_pairs(BM25Index(RACK).search(["coat", "wool"], 3), expected) == expected
    assert rounded_pairs(BM25Index(RACK).search(["coat", "wool"], 1), expected) == expected[:1]


@pytest.mark.edges(spec="I2 S2", hint=1)
def test_unknown_terms_count_for_nothing() -> None:
    """A term that is in no document has idf 0 and adds nothing to any score; nor does a query without tokens."""
    assert BM25Index(RACK).idf("silk") == about(0.0)
    assert BM25Index(RACK).scores(["silk"]) == about(np.zeros(5))
    assert BM25Index(RACK).scores([]) == about(np.zeros(5))
    index = BM25Index(RACK)
    assert np.allclose(index.scores(["silk", "hat"]), index.scores(["hat"])), (
        "'silk' is in no document and adds nothing"
    )


@pytest.mark.edges(spec="S3", hint=2)
def test_empty_documents_count() -> None:
    """Documents without tokens score 0, and count in N and in the average length."""
    docs = [["wool"], [], ["wool", "coat", "coat"], []]  # 4 tokens in 4 documents
    expected = np.array([math.log(2) * 5 / 11, 0, math.log(2) / 4 + math.log(10 / 3) * 2 / 5, 0])
    assert BM25Index(docs).scores(["wool", "coat"]) == about(expected)


@pytest.mark.edges(spec="S4 R1", hint=2)
def test_without_documents_or_tokens_nothing_is_found() -> None:
    """Without documents, or with empty ones only, every idf and every score is 0, and nothing is found."""
    assert BM25Index([]).scores(["wool"]) == about(np.zeros(0))
    assert BM25Index([]).idf("wool") == about(0.0)
    assert BM25Index([]).search(["wool"]) == []
    assert BM25Index([[], []]).scores(["wool"]) == about(np.zeros(2))
    assert BM25Index([[], []]).search(["wool"]) == []


@pytest.mark.edges(spec="S1 G2", hint=2)
def test_k1_and_b_at_their_limits() -> None:
    """With k1 = 0 only presence counts, with b = 0 length doesn't; with b = 1 it counts in full."""
    query = ["wool", "coat"]
    expected = np.array([WOOL + COAT, WOOL, COAT, WOOL + COAT, WOOL])
    assert BM25Index(RACK, k1=0.0).scores(query) == about(expected)
    expected = np.array([5 / 11, 5 / 8, 0, 5 / 11, 5 / 11]) * WOOL + np.array([5 / 11, 0, 5 / 11, 5 / 7, 0]) * COAT
    assert BM25Index(RACK, b=0.0).scores(query) == about(expected)
    expected = np.array([5 / 9, 5 / 8, 0, 5 / 17, 5 / 11]) * WOOL + np.array([5 / 9, 0, 5 / 7, 5 / 9, 0]) * COAT
    assert BM25Index(RACK, b=1.0).scores(query) == about(expected)


@pytest.mark.edges(spec="R1", hint=3)
def test_finds_no_more_than_matches() -> None:
    """Documents that score 0 are never given, however large k is; k = 0 gives an empty list."""
    assert keys_of(BM25Index(RACK).search(["belt", "boots"], 9)) == [4, 3]
    assert BM25Index(RACK).search(["silk"]) == []
    assert BM25Index(RACK).search(["belt"], 0) == []


@pytest.mark.edges(spec="R1 R2", hint=3)
def test_equal_scores_come_in_order() -> None:
    """Of documents with equal scores the one of lower index comes first; without a k, ten are given."""
    docs = [["wool", "hat"], ["wool"], ["hat", "wool"], ["wool"], *[["coat"]] * 5]
    assert keys_of(BM25Index(docs).search(["wool"], 3)) == [1, 3, 0]
    docs = [["coat"], ["wool"], ["coat"]] * 40
    assert keys_of(BM25Index(docs).search(["wool"])) == [1, 4, 7, 10, 13, 16, 19, 22, 25, 28]


@pytest.mark.edges(spec="G2 G3", hint=1)
def test_arguments_that_cannot_be_are_refused() -> None:
    """A k1 that is negative, NaN or infinite, a b outside 0 to 1, or a negative k raises ValueError."""
    for k1, b in ((-0.5, 0.75), (math.nan, 0.75), (math.inf, 0.75), (1.2, -0.25), (1.2, 1.25), (1.2, math.nan)):
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            BM25Index(RACK, k1, b)
    index = BM25Index(RACK)
    with pytest.raises(ValueError):  # noqa: PT011
        index.search(["wool"], -1)


@pytest.mark.properties(spec="I1 S1", hint=2)
@given(collections, queries, any_k1s, bs)
def test_score_stays_between_zero_and_the_idf(docs: list[Tokens], query: Tokens, k1: float, b: float) -> None:
    """A score is above 0 exactly where a token matches, and never above the sum of the idf of the query's tokens."""
    scores = np.asarray(BM25Index(docs, k1, b).scores(query))
    for doc, score in zip(docs, scores, strict=True):
        most = sum(_idf(docs, term) for term in query if term in doc)
        assert (score > 0) == (most > 0), "a score is above 0 exactly where a token of the query is in the document"
        assert score <= most * (1 + 1e-9), f"{doc} scores {score:.6f}, the idf of its matches add up to {most:.6f}"


@pytest.mark.properties(spec="S2", hint=2)
@given(asked_twice())
def test_every_token_of_the_query_counts(asked: tuple[list[Tokens], Tokens, Tokens]) -> None:
    """A query whose every token is said twice, in any order, scores twice as much."""
    docs, query, twice = asked
    index = BM25Index(docs)
    scores = np.asarray(index.scores(query))
    assert scores[0] > 0, "document 0 holds a token of the query"
    assert np.allclose(index.scores(twice), 2 * scores, rtol=1e-9), "every token twice: every score twice"


@pytest.mark.properties(spec="I1 S1", hint=1)
@given(one_word_changed(), k1s, bs)
def test_saying_it_again_raises_the_score(pair: tuple[list[Tokens], list[Tokens]], k1: float, b: float) -> None:
    """If a document says the token of the query once more, in place of another word, its score rises."""
    before, after = (np.asarray(BM25Index(docs, k1, b).scores(["red"])) for docs in pair)
    assert after[0] > before[0], "document 0 is as long as it was and says 'red' once more: it scores higher"


@pytest.mark.properties(spec="S1 S3", hint=2)
@given(one_word_added(), k1s, bs)
def test_length_counts_against_the_average(pair: tuple[list[Tokens], list[Tokens]], k1: float, b: float) -> None:
    """A word more in one document lowers its score and raises those of all other matches; with b = 0, neither."""
    before, after = (np.asarray(BM25Index(docs, k1, b).scores(["red"])) for docs in pair)
    if b == 0:
        assert np.allclose(after, before, rtol=1e-9), "with b = 0 no length matters"
    else:
        assert after[0] < before[0], "document 0 is longer than it was: its score falls"
        others = np.array(["red" in doc for doc in pair[0]])[1:]
        assert np.all((after > before)[1:][others]), "the average length rises, and with it every other match"


@pytest.mark.properties(spec="G1 S1", hint=1)
@given(shuffled_among_others())
def test_order_of_documents_is_irrelevant(mixed: tuple[list[Tokens], list[int]]) -> None:
    """The same documents in another order have the same scores, also while the first index is still in use."""
    docs, order = mixed
    index, other = BM25Index(docs), BM25Index([docs[old] for old in order])
    scores, moved = np.asarray(index.scores(["red", "wool"])), np.asarray(other.scores(["red", "wool"]))
    assert scores[0] > 0, f"document 0 of the first index, {docs[0]}, holds 'red'"
    assert np.allclose(moved, scores[order], rtol=1e-9), f"the first index holds {docs}, the second has them as {order}"


@pytest.mark.oracle(spec="I1 I2", hint=1)
@given(collections, words)
def test_idf_agrees_with_a_slow_definition(docs: list[Tokens], term: str) -> None:
    """An idf equals the one computed by going through all documents, by its definition."""
    assert BM25Index(docs).idf(term) == about(_idf(docs, term))


@pytest.mark.oracle(spec="S1 S2 S3 S4", hint=2)
@given(collections, queries, any_k1s, bs)
def test_scores_agree_with_a_slow_definition(docs: list[Tokens], query: Tokens, k1: float, b: float) -> None:
    """Scores equal those computed for one document and one token at a time, by the definition."""
    assert BM25Index(docs, k1, b).scores(query) == about(_scores(docs, query, k1, b))


@pytest.mark.oracle(spec="R1 R2", hint=3)
@given(collections, queries, st.integers(0, 5))
def test_search_follows_the_scores(docs: list[Tokens], query: Tokens, k: int) -> None:
    """`search` gives the k highest scores above 0 of the slow definition, with their documents, best first."""
    returned = BM25Index(docs).search(query, k)
    scores = _scores(docs, query).tolist()
    # Where two scores are all but equal, rounding decides between them, so either order will do.
    place = {doc: place for place, doc in enumerate(keys_of(returned))}
    ranked = sorted(range(len(docs)), key=lambda doc: (-round(scores[doc], 9), place.get(doc, k)))
    expected = [(doc, scores[doc]) for doc in ranked if scores[doc] > 0][:k]
    assert rounded_pairs(returned, expected) == expected


@pytest.mark.speed(spec="S5", hint=1, seconds=10)
def test_queries_touch_their_postings_only() -> None:
    """Indexing 5,000 titles, and 50 queries on it, take at most 5 times as long as a dict of postings, plus 50 ms."""
    rng = np.random.default_rng(2)
    bar = mine = math.inf
    for _ in range(3):
        docs = zipfian_titles(rng, 5000)
        slow, index = checking.timed(_DictPostings, docs), checking.timed(BM25Index, docs)
        bar, mine = min(bar, slow.seconds), min(mine, index.seconds)
    assert mine <= 5 * bar + 0.05, f"indexing took {mine:.2f} s of CPU; a dict of postings takes {bar:.2f} s"
    bar = mine = math.inf
    for _ in range(3):
        asked = rare_queries(rng)
        expected = [checking.timed(slow.answer.scores, query) for query in asked]
        found = [checking.timed(index.answer.scores, query) for query in asked]
        bar, mine = min(bar, sum(each.seconds for each in expected)), min(mine, sum(each.seconds for each in found))
        for theirs, ours in zip(found, expected, strict=True):
            same = np.array_equal(np.asarray(theirs.answer) > 0, ours.answer > 0)
            assert same, "the titles that hold a token of the query score above 0, and no others"
    assert mine <= 5 * bar + 0.05, f"50 queries took {mine:.3f} s of CPU; a dict of postings takes {bar:.3f} s"
