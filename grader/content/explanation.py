"""The explanation of a kata: hints, cards for an oral, and the text."""

from typing import Annotated

import msgspec

from grader.content.catalog import front_matter
from grader.model import GraderError, Kata

HINTS = 3
GRADES = (0, 1, 2, 3)

_Words = Annotated[str, msgspec.Meta(min_length=1)]


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question for an oral, and how an answer is graded."""

    question: _Words
    rubric: dict[int, _Words]
    """For each grade, 0 to 3, what an answer of that grade says."""
    must_mention: Annotated[tuple[_Words, ...], msgspec.Meta(min_length=1)]
    """What an answer of grade 3 has to contain."""


class Explanation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a reference is as it is."""

    hints: tuple[_Words, ...]
    """From a question to nearly the hard line."""
    oral: Annotated[tuple[Card, ...], msgspec.Meta(min_length=1)]
    text: str = ""
    """Markdown."""


def read(kata: Kata) -> Explanation:
    """Read a kata's explanation. Raises GraderError, with the file and the place in it, for one that is malformed."""
    facts, text = front_matter(kata.explanation)
    try:
        found = msgspec.convert({**facts, "text": text}, Explanation)
    except msgspec.ValidationError as error:
        raise GraderError(f"front matter of {kata.explanation.name} in solutions/: {error}") from None
    if len(found.hints) != HINTS:
        raise GraderError(f"{kata.explanation.name} in solutions/ has {len(found.hints)} hints; {HINTS} are wanted")
    for card in found.oral:
        if tuple(card.rubric) != GRADES:
            raise GraderError(f"the rubric of {card.question!r} must have the grades 0, 1, 2 and 3, in this order")
    return found
