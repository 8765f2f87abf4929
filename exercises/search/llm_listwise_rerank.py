"""Listwise re-ranking with a language model. The task: llm_listwise_rerank.md.

You may import the standard library and numpy; no other library, such as pandas, scipy, sklearn or keras.
"""

from collections.abc import Callable


def parse_permutation(text: str, n: int) -> list[int]:
    """Read a model's reply as a permutation of 0 to n - 1, best first, whatever the reply is.

    Raises ValueError for a negative n.

    >>> parse_permutation("I prefer [3] to [1].", 4)
    [2, 0, 1, 3]
    """
    raise NotImplementedError


def build_prompt(query: str, docs: list[str]) -> str:
    """Ask for a ranking: a text that holds the query, and a line "[i] document", i from 1, for every document."""
    raise NotImplementedError


def listwise_rerank(
    query: str,
    docs: list[str],
    llm: Callable[[str], str | None],
    window: int = 4,
    step: int = 2,
    retries: int = 1,
) -> list[int]:
    """Order documents by asking a model about one window at a time, from the last places to the first.

    `llm` takes a prompt and gives a reply, or None, or raises. Gives the indexes of `docs`, each once, best first.
    Raises ValueError unless 1 <= step < window and retries >= 0.
    """
    raise NotImplementedError
