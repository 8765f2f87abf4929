"""Replies of a language model that was asked for an order, and what it was asked about.

Replies join 2 to 8 pieces: marks, half marks, and what looks like marks. `useless` replies hold no valid mark. `orders`
name all of five documents. Texts of documents join 0 to 6 pieces: breaks, brackets, wide characters. Windows have 2 to
5 documents, a step is smaller than its window.
"""

from collections.abc import Iterable

from hypothesis import strategies as st

Question = tuple[int, int, int, int, list[str | None]]

LETTERS = list("abcdefghi")


def full_width(text: str) -> str:
    """The same in full-width characters, which NFKC makes plain again."""
    return "".join(chr(ord(letter) + 0xFEE0) if letter != " " else letter for letter in text)


def said(order: Iterable[int]) -> str:
    """A model's reply that means this order."""
    return " > ".join(f"[{place + 1}]" for place in order)


# Joined, they make marks, half marks, and what looks like marks.
MARKS = ["[0]", "[1]", "[2]", "[3]", "[4]", "[5]", full_width("[1]"), full_width("[2]"), full_width("[3]"), "[02]"]
SHARDS = ["[17]", "[ 2 ]", "[1, 2]", "[-1]", "[", "]", "3", full_width("2"), " > ", "\n", "the best is "]

replies = st.lists(st.sampled_from(MARKS) | st.sampled_from(SHARDS), min_size=2, max_size=8).map("".join)
useless = st.sampled_from(["", "Sorry, none of the 4 fits.", "[0]", "[17]", "[ 2 ]", "2 > 1"])
orders = st.permutations(range(5)).map(said)

SCRAPS = ["[2]", "]", full_width("["), "\ufe48", "\n", "\r\n", "\u2028", "\xa0", "\t", " ", "mug", "\u00bd l", "(1)"]

odd_texts = st.lists(st.sampled_from(SCRAPS), max_size=6).map("".join)


@st.composite
def windows(draw: st.DrawFn) -> tuple[int, int]:
    """A window and a step."""
    window = draw(st.integers(2, 5))
    return window, draw(st.integers(1, window - 1))


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """How many documents, window, step, retries, and what the model says, call by call."""
    window, step = draw(windows())
    script = draw(st.lists(orders | replies | useless | st.none(), min_size=5, max_size=12))
    return draw(st.integers(2, 9)), window, step, draw(st.sampled_from([1, 2, 0])), script
