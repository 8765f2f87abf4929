"""What a learner is told in the grader's own words, where Python's would not say what to do next."""

import builtins
import sys
from typing import Any


class Told(Exception):  # noqa: N818  reads as what happened
    """Mixed into a built-in exception: its message is a whole sentence, with the line in it."""


class ForbiddenImportError(Told, ImportError):
    """The kata asks the learner to write this."""


class MissingFileError(Told, ModuleNotFoundError):
    """A file of the learner's own that isn't here."""


class SourceError(Told, SyntaxError):
    """The text of the file can't be read as Python."""


class NoInputError(Told, EOFError):
    """The file reads what a person would type."""


def kind_of(error: BaseException) -> str:
    """The name by which a learner knows this exception."""
    if isinstance(error, Told):
        kinds = (kind for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind)
        return str(next(kinds).__name__)
    return type(error).__name__


def line_in(file: str) -> int | None:
    """The line of this file that is being run, if one is."""
    frame: Any = sys._getframe(1)  # noqa: SLF001  what traceback uses as well, without reading files
    while frame is not None:
        if frame.f_code.co_filename == file:
            return int(frame.f_lineno)
        frame = frame.f_back
    return None
