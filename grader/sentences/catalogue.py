"""From a reason to a sentence, in whatever language the catalogue is."""

import re
import string
from collections.abc import Mapping

import msgspec

from grader.model import Reason

_OPTIONAL = re.compile(r"\[([^]]*)]")


class Catalogue(msgspec.Struct, frozen=True):
    """A sentence for every code, in one language.

    A sentence is a format string with the code's arguments as fields. A part of it in brackets is left out where one of
    its arguments is empty or 0.
    """

    language: str
    """As HTML's `lang` has it."""
    sentences: Mapping[str, str]

    def sentence(self, reason: Reason) -> str:
        """The reason in words. For a reason that doesn't fit its code: the code and the arguments, as they are."""
        values = {
            name: self.sentence(value) if isinstance(value, Reason) else value
            for name, value in reason.arguments.items()
        }
        try:
            chosen = _OPTIONAL.sub(lambda part: _if_given(part[1], values), self.sentences[reason.code])
            return chosen.format_map(values)
        except (LookupError, ValueError):
            return " ".join([reason.code, *(f"{name}={value}" for name, value in values.items())])


def fields(text: str) -> set[str]:
    """Names of the arguments that a sentence has a place for."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def _if_given(part: str, values: Mapping[str, object]) -> str:
    return part if all(values[name] for name in fields(part)) else ""
