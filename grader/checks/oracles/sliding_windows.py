"""Permutations read off a model's replies, and the sliding window: Sun et al. 2023 (RankGPT).

What replies get wrong: Pradeep, Sharifymoghaddam & Lin 2023; wide characters: Unicode Standard Annex 15 (NFKC).
"""

import unicodedata

from grader.checks.strategies.replies import LETTERS, Question


def slow_clean(text: str) -> str:
    """By the definition."""
    return " ".join(unicodedata.normalize("NFKC", text).replace("[", "(").replace("]", ")").split())


def named(text: str, n: int) -> list[int]:
    """The valid marks of a text, cut at its brackets."""
    found = []
    for part in unicodedata.normalize("NFKC", text).split("[")[1:]:
        digits, closed, _ = part.partition("]")
        if closed and digits.isascii() and digits.isdigit() and 1 <= int(digits) <= n:
            found.append(int(digits) - 1)
    return found


def slow_permutation(text: str, n: int) -> list[int]:
    """By the definition, one index at a time."""
    order: list[int] = []
    for index in [*named(text, n), *range(n)]:
        if index not in order:
            order.append(index)
    return order


def slow_rerank(question: Question) -> tuple[list[int], list[list[str]]]:
    """The order, and the documents of every call, by the definition."""
    n, window, step, retries, script = question
    order, asked, replies = list(range(n)), list[list[str]](), iter(script)
    start, end = n, n
    while start > 0 and n > 1:
        start = max(0, end - window)
        inside = order[start:end]
        for _ in range(1 + retries):
            asked.append([LETTERS[doc] for doc in inside])
            reply = next(replies, "[1]") or ""
            if named(reply, len(inside)):
                order[start:end] = [inside[place] for place in slow_permutation(reply, len(inside))]
                break
        end -= step
    return order, asked
