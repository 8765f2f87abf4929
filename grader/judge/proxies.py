"""Proxies for the learner's module, functions and objects. A check sees these; the code itself stays in the worker.

Nothing here computes: each call goes to the learner of the submission that is being judged.
"""

from collections.abc import Iterator
from types import ModuleType
from typing import Any, Protocol, overload

_MISSING: Any = object()


class Learner(Protocol):
    """Whoever answers for the learner's code; `grader.judge.remote_module` has the one that asks a worker."""

    def call(self, target: int | None, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a function of the learner's module (no target), or a method of one of their objects."""

    def advance(self, target: int) -> Any:
        """The next value of an iterator of the learner's, or StopIteration."""

    def keep(self, value: Any) -> "RemoteObject":
        """Leave a value with the learner."""

    def release(self, target: int) -> None:
        """Nobody holds this object any more."""

    def cpu_seconds(self) -> float:
        """CPU seconds that the learner's code has used so far, as the kernel tells."""

    def rebuild(self, model: "RemoteObject") -> Any:
        """A Keras model rebuilt where no learner's code runs."""


_current: list[Learner] = []


def attach(learner: Learner | None) -> None:
    """Make this learner the one that proxies ask. One submission at a time lives in a judge."""
    _current[:] = [] if learner is None else [learner]


@overload
def current_learner() -> Learner: ...
@overload
def current_learner(missing: None) -> Learner | None: ...
def current_learner(missing: Any = _MISSING) -> Learner | None:
    """The learner being judged."""
    if _current:
        return _current[0]
    if missing is _MISSING:
        raise RuntimeError("no submission is being judged")
    return None


class RemoteFunction:
    """A function of the learner's, or a method of one of their objects."""

    def __init__(self, name: str, owner: "RemoteObject | None" = None) -> None:
        self.__name__ = name
        self._owner = owner  # held, or the worker would let go of an object whose method is about to be called

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Ask the worker."""
        __tracebackhide__ = True
        target = None if self._owner is None else number_of(self._owner)
        return current_learner().call(target, self.__name__, args, kwargs)

    def __repr__(self) -> str:
        return self.__name__


class RemoteObject:
    """An object that stays in the worker: an instance, a generator, a Keras model, a kept argument."""

    def __init__(self, number: int, kind: str) -> None:
        self._number, self._kind = number, kind
        self._shown: Any = None

    def __del__(self) -> None:
        if _current:
            _current[0].release(self._number)

    def showing(self, value: Any) -> "RemoteObject":
        """The same object; messages show this value, which it was kept from."""
        self._shown = value
        return self

    def __getattr__(self, name: str) -> RemoteFunction:
        if name.startswith("_"):
            raise AttributeError(name)
        return RemoteFunction(name, self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the object itself."""
        __tracebackhide__ = True
        return current_learner().call(self._number, "__call__", args, kwargs)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        __tracebackhide__ = True
        return current_learner().advance(self._number)

    def __repr__(self) -> str:
        return f"<{self._kind}>" if self._kind.isidentifier() else "<an object>"


def number_of(thing: RemoteObject) -> int:
    """What the worker knows it by."""
    return thing._number  # noqa: SLF001  the only reader; a check has no business with it


def shown_as(thing: RemoteObject) -> Any:
    """The value that it was kept from, or the object itself."""
    return thing if thing._shown is None else thing._shown  # noqa: SLF001


class ModuleProxy(ModuleType):
    """Takes the place of the learner's module while checks are collected and run."""

    def __getattr__(self, name: str) -> RemoteFunction:
        if name.startswith("__"):
            raise AttributeError(name)
        return RemoteFunction(name)
