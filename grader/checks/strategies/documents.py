"""Documents and queries of words, words with weights and vectors.

Words are four. Documents (`titles`) have 0 to 5 words, collections 1 to 5 documents, queries 1 to 4 words, of which
'mug' is in no document. Weights are 0.5 to 3, of 0 to 4 words.
"""

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Tokens = list[str]
Weights = dict[str, float]
Vectors = dict[str, NDArray[np.float64]]
Text = tuple[Tokens, Weights, Vectors, int]

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
def shuffled_documents(draw: st.DrawFn) -> tuple[list[Tokens], list[int]]:
    """Documents, the first of which holds 'red', and an order to put them in."""
    docs = [["red", *draw(titles)], *draw(st.lists(titles, min_size=1, max_size=4))]
    return docs, draw(st.permutations(range(len(docs))))


@st.composite
def copied_documents(draw: st.DrawFn) -> tuple[Tokens, list[Tokens]]:
    """A query, and documents of which the first has the same tokens in any order."""
    query = draw(st.lists(words, min_size=1, max_size=5))
    return query, [draw(st.permutations(query)), *draw(st.lists(titles, max_size=4))]


def zipfian_titles(rng: np.random.Generator, n_titles: int) -> list[Tokens]:
    """Titles of 4 to 10 words; of 2,000 words, the r-th most frequent is met in proportion to 1 / r."""
    lengths = rng.integers(4, 11, n_titles)
    shares = 1 / np.arange(1, 2001)
    stream = iter(rng.choice(2000, lengths.sum(), p=shares / shares.sum()).tolist())
    return [[f"w{next(stream)}" for _ in range(length)] for length in lengths.tolist()]


def topical_titles(rng: np.random.Generator) -> tuple[list[Tokens], Vectors, list[int], NDArray[np.float64]]:
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


other_words = st.lists(st.sampled_from(["wool", "coat", "hat"]), max_size=3, unique=True)
queries = st.lists(words | st.just("mug"), min_size=1, max_size=4)  # a mug is in no document


def among_others(docs: list[Tokens]) -> list[Tokens]:
    """The documents, and more than as many of another word: their terms are rare, so no idf is near its lower end."""
    return docs + [["belt"]] * (len(docs) + 1)


@st.composite
def asked_twice(draw: st.DrawFn) -> tuple[list[Tokens], Tokens, Tokens]:
    """Documents, a query whose first token is in document 0, and the tokens of that query twice, in any order."""
    docs = [["red", *draw(titles)], *draw(st.lists(titles, max_size=2))]
    query = ["red", *draw(st.lists(words, max_size=3))]
    return among_others(docs), query, draw(st.permutations(query + query))


@st.composite
def one_word_changed(draw: st.DrawFn) -> tuple[list[Tokens], list[Tokens]]:
    """Documents, and the same with another word of document 0 replaced by a second, third, ... 'red'."""
    first, *rest = among_others([["red"] * draw(st.integers(1, 4)), *draw(st.lists(titles, max_size=2))])
    return [[*first, "coat"], *rest], [[*first, "red"], *rest]


@st.composite
def one_word_added(draw: st.DrawFn) -> tuple[list[Tokens], list[Tokens]]:
    """Documents, the first two of which hold 'red', and the same with one word more in document 0: 'new'."""
    first, *rest = among_others([["red", *more] for more in draw(st.lists(other_words, min_size=2, max_size=3))])
    return [first, *rest], [[*first, "new"], *rest]


@st.composite
def shuffled_among_others(draw: st.DrawFn) -> tuple[list[Tokens], list[int]]:
    """Documents, the first of which holds 'red', and an order to put them in."""
    docs = among_others([["red", *draw(other_words)], *draw(st.lists(other_words, max_size=2))])
    return docs, draw(st.permutations(range(len(docs))))


def rare_queries(rng: np.random.Generator) -> list[Tokens]:
    """50 queries of ten words, in 6 documents each on average, as when the title of a slow seller is pasted."""
    return [[f"w{word}" for word in row] for row in rng.integers(100, 2000, (50, 10)).tolist()]
