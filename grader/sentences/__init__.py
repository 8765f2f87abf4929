"""The words for reasons: a catalogue for each language that reports are written in."""

from grader.sentences.catalogue import Catalogue
from grader.sentences.english import ENGLISH

__all__ = ["ENGLISH", "Catalogue"]
