"""Listwise re-ranking with a language model: the reference."""

import re
import unicodedata
from collections.abc import Callable

_MARK = re.compile(r"\[([0-9]+)\]")
_ROUND = str.maketrans("[]", "()")


def parse_permutation(text: str, n: int) -> list[int]:
    """The permutation of 0 to n - 1 that a reply means, repaired where it must be (Sun et al. 2023)."""
    if n < 0:
        raise ValueError(f"n counts documents: 0 or more, not {n}")
    return _completed(_named(text, n), n)


def build_prompt(query: str, docs: list[str]) -> str:
    """Ask for a ranking, one line a document. Text that isn't ours can neither start a line nor hold a mark."""
    return "\n".join([
        f"Rank the products by how well they fit the query: {_clean(query)}",
        *(f"[{number}] {_clean(doc)}" for number, doc in enumerate(docs, start=1)),
        "Answer with all the numbers, the best first, such as [2] > [1], and nothing else.",
    ])  # fmt: skip


def listwise_rerank(
    query: str,
    docs: list[str],
    llm: Callable[[str], str | None],
    window: int = 4,
    step: int = 2,
    retries: int = 1,
) -> list[int]:
    """Indexes of the documents, best first, after one pass of windows from the end to the front (Sun et al. 2023)."""
    if not 1 <= step < window:
        raise ValueError(f"windows overlap: 1 <= step < window, not step {step} and window {window}")
    if retries < 0:
        raise ValueError(f"retries are 0 or more, not {retries}")
    order = list(range(len(docs)))
    if len(docs) < 2:
        return order
    for start in range(max(len(docs) - window, 0), -step, -step):
        places = slice(max(start, 0), start + window)
        inside = order[places]
        prompt = build_prompt(query, [docs[doc] for doc in inside])
        order[places] = [inside[place] for place in _ask(llm, prompt, len(inside), 1 + retries)]
    return order


def _ask(llm: Callable[[str], str | None], prompt: str, n: int, attempts: int) -> list[int]:
    """How the model orders the n documents of a prompt; as they are, if no attempt gives a usable reply."""
    for _ in range(attempts):
        try:
            reply = llm(prompt)
        except Exception:  # noqa: BLE001, S112  every client has errors of its own, and none may cost a product
            continue
        if isinstance(reply, str) and (named := _named(reply, n)):
            return _completed(named, n)
    return list(range(n))


def _named(text: str, n: int) -> list[int]:
    """What the valid marks of a reply name, from left to right, with repeats."""
    # Looked up, not converted: int() raises for numbers of more than 4,300 digits.
    index = {str(number): number - 1 for number in range(1, n + 1)}
    numbers = (digits.lstrip("0") for digits in _MARK.findall(unicodedata.normalize("NFKC", text)))
    return [index[number] for number in numbers if number in index]


def _completed(named: list[int], n: int) -> list[int]:
    """Each index once: those named, in that order, then the others."""
    return list(dict.fromkeys([*named, *range(n)]))


def _clean(text: str) -> str:
    """One line without brackets. NFKC comes first: it makes brackets and blanks out of other characters."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_ROUND).split())
