"""Reviews of two sides, and titles with a lexicon of keys and tags.

A corpus has 1 to 4 reviews of 0 to 4 terms; each of two sides has a term of its own. Titles join up to 6 pieces, Latin
and Chinese. Lexicons have 2 to 7 keys, which overlap each other.
"""

import numpy as np
from hypothesis import strategies as st

Tokens = list[str]
Lexicon = dict[str, str]

terms = st.sampled_from(["soft", "warm", "thin", "itchy"])
corpora = st.lists(st.lists(terms, max_size=4), min_size=1, max_size=4)
alphas = st.sampled_from([1.0, 0.5, 2.0])
a0s = st.sampled_from([10.0, 1.0, 32.0])


@st.composite
def sides(draw: st.DrawFn) -> tuple[list[Tokens], list[Tokens]]:
    """Two sides of which each has a word of its own."""
    pos, neg = draw(corpora), draw(corpora)
    return [*pos, ["cosy", *draw(st.lists(terms, max_size=2))]], [*neg, ["stiff"] * draw(st.integers(1, 3))]


# Pieces that are keys, begin as keys do, or end as they do; the keys overlap each other.
titles = st.lists(
    st.sampled_from(["red", "Re", "d", "裙", "连衣裙", "红", " ", " ", "-", "ed", "1", "RED"]), max_size=6
).map("".join)

KEYS = ["red", "re", "ed", "裙", "连衣裙", "衣裙", "红", "1", "red-", "裙re", "re-ed", "d"]


@st.composite
def shelves(draw: st.DrawFn, more: tuple[str, ...] = ()) -> tuple[str, Lexicon]:
    """A title that holds a key and a longer one that begins with it, and may go on as if it were cut; a lexicon."""
    key = draw(st.sampled_from(["red", "裙", "1"]))
    longer = key + draw(st.sampled_from(["-d", "裙re", "-裙", *more]))
    title = draw(titles) + draw(st.sampled_from(["", " ", "红"])) + longer + draw(st.sampled_from(["", "d", "1", " "]))
    others = draw(st.lists(st.sampled_from(KEYS).filter(lambda other: other != key), max_size=5, unique=True))
    keys = draw(st.permutations([key, longer, *others]))
    tags = draw(st.lists(st.sampled_from("abcdefg"), min_size=len(keys), max_size=len(keys)))
    return title, dict(zip(keys, tags, strict=True)) | {key: "short", longer: "long"}


def large_lexicon(rng: np.random.Generator) -> tuple[list[str], Lexicon]:
    """1,000 titles of six words, a third of them keys; 2,000 keys of 4 to 9 letters."""
    letters = ["".join(map(chr, 97 + rng.integers(0, 26, length))) for length in rng.integers(4, 10, 6_000).tolist()]
    asked = [" ".join(letters[i] for i in row) for row in rng.integers(0, 6_000, (1_000, 6)).tolist()]
    return asked, {key: f"#{key[0]}" for key in letters[:2_000]}
