"""Functions of a check that one call hands to the learner. They can be called while that call lasts."""

from collections.abc import Callable
from typing import Any

from grader.protocol import wire


class Callbacks:
    """The functions of one call, and what they raised."""

    def __init__(self) -> None:
        self._functions: dict[int, Callable[..., Any]] = {}
        self.failures: list[BaseException] = []
        """What the functions raised. It is raised again once the learner's call is over."""

    def send(self, function: Callable[..., Any]) -> tuple[int, int]:
        """The export hook of the wire: the number by which the learner calls this function."""
        number = len(self._functions)
        self._functions[number] = function
        return wire.CALLBACK, number

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Call the function that the learner asks for. Raises WireError for one that was not handed over."""
        number, args = asked["callback"], asked.get("args")
        if type(number) is not int or number not in self._functions or type(args) is not list:
            raise wire.WireError("called_what_it_was_not_given")
        try:
            return {"answer": self._functions[number](*args)}
        except Exception as error:  # noqa: BLE001  a check's assertion, or a TypeError for the wrong arguments
            self.failures.append(error)
            return {"refused": "the function that you were given refused this call"}
