"""What a learner is told in the grader's own words, where Python's would not say what to do next.

The words are a code and its arguments, declared in `grader.protocol.codes`.
"""

import builtins
import sys
from typing import Any

from grader.protocol.codes import Coded


class Told(Coded):
    """Mixed into a built-in exception: its reason says everything, the line too."""


class ForbiddenImportError(Told, ImportError):
    """The kata asks the learner to write this."""


class MissingFileError(Told, ModuleNotFoundError):
    """A file of the learner's own that isn't here."""


class MissingNameError(Told, NameError):
    """A function that the kata asks for and the file doesn't define."""


class SourceError(Told, SyntaxError):
    """The text of the file can't be read as Python."""


class NoInputError(Told, EOFError):
    """The file reads what a person would type."""


class ForeignModelError(Told, ValueError):
    """A model that can't be rebuilt."""


def kind_of(error: BaseException) -> str:
    """The name by which a learner knows this exception."""
    if isinstance(error, Told):
        kinds = (kind for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind)
        return str(next(kinds).__name__)
    return type(error).__name__


def line_in(file: str) -> int:
    """The line of this file that is being run; 0 if none is."""
    frame: Any = sys._getframe(1)  # noqa: SLF001  what traceback uses as well, without reading files
    while frame is not None:
        if frame.f_code.co_filename == file:
            return int(frame.f_lineno)
        frame = frame.f_back
    return 0
