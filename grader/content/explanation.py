"""The explanation of a kata: hints, cards for an oral, and the text."""

from typing import Annotated

import msgspec

from grader.content import front_matter
from grader.content.source_files import place
from grader.model import GraderError, Kata

HINTS = 3
GRADES = (0, 1, 2, 3)
_FORM = (
    "It has hints (3 texts) and oral (a list of cards); each card has a question, a rubric (a line for each of the "
    "grades `0:`, `1:`, `2:`, `3:`) and must_mention (a list of texts)"
)

_Words = Annotated[str, msgspec.Meta(min_length=1)]


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question for an oral, and how an answer is graded."""

    question: _Words
    rubric: dict[int, _Words]
    """For each grade, 0 to 3: what an answer of that grade says."""
    must_mention: Annotated[tuple[_Words, ...], msgspec.Meta(min_length=1)]
    """What an answer of grade 3 must contain."""


class Explanation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a reference is written as it is."""

    hints: tuple[_Words, ...]
    """Three levels: the first is a question, the last is nearly the hard line."""
    oral: Annotated[tuple[Card, ...], msgspec.Meta(min_length=1)]
    text: str = ""
    """Markdown."""


def read(kata: Kata) -> Explanation:
    """Read a kata's explanation. Raises GraderError, with the file and the right form, if it is malformed."""
    file = kata.explanation
    facts, text = front_matter.split(file)
    found = front_matter.typed({**facts, "text": text}, Explanation, file, _FORM)
    where = place(file)
    if len(found.hints) != HINTS:
        raise GraderError(f"{where} has {len(found.hints)} hints; {HINTS} are wanted")
    for card in found.oral:
        if tuple(card.rubric) != GRADES:
            raise GraderError(
                f"{where}: the rubric of {card.question!r} must have the grades 0, 1, 2 and 3, in this order"
            )
    return found
