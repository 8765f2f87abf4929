"""Runs inside the sandbox: holds the learner's file and answers calls on it.

It returns values, never verdicts. Whoever owns this process completely can forge only their own wrong answers.
"""

import builtins
import linecache
import os
import random
import socket
import sys
import traceback
from types import ModuleType
from typing import Any, NoReturn

import numpy as np

from grader.protocol import wire
from grader.protocol.codes import Coded
from grader.protocol.frames import Channel, Closed
from grader.sandbox.inside import courtesy, errors, model_rebuilder, source

_TEXT = 2000
_TENSORS = ("tensorflow.", "keras.", "jax", "torch")


def serve(end: socket.socket) -> NoReturn:
    """Answer requests until the judge hangs up."""
    random.seed()
    np.random.seed()  # noqa: NPY002  learners use the global generator, and a fork inherits its state
    worker = _Worker(Channel(end))
    try:
        while True:
            worker.answer()
    except Closed:
        os._exit(0)


class _Worker:
    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._lent: list[Any] = []
        self._module = ModuleType("submission")

    def answer(self) -> None:
        request = self._receive()
        for number in request.pop("drop", ()):
            self._lent[number] = None
        try:
            reply = {"value": getattr(self, f"_{request.pop('op')}")(**request)}
        except Closed:
            raise
        except BaseException as error:  # noqa: BLE001  whatever the learner raises is an answer
            reply = _raised(error, self._module.__name__)
        try:
            self._send(reply)
        except wire.WireError as error:
            self._send({"raised": ["TypeError"], "message": str(error), "line": None, "said": _said(error)})

    def _load(self, name: str, code: bytes, imports: list[str], reference: bytes | None) -> None:
        self._module.__name__ = name
        if reference is not None:
            _execute(ModuleType("reference"), source.text_of(reference))
        text = source.text_of(code)
        shipped = ["reference"] if reference is not None else []
        vars(self._module)["__builtins__"] = courtesy.builtins_for(name, [*imports, *shipped])
        _execute(self._module, text)

    def _call(self, on: int | None, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if on is None and name not in vars(self._module):
            raise errors.MissingNameError("name_undefined", name=name)
        target: Any = self._module if on is None else self._lent[on]
        return (target if name == "__call__" else getattr(target, name))(*args, **kwargs)

    def _next(self, on: int) -> list[Any]:
        try:
            return [next(self._lent[on])]
        except StopIteration:
            return []

    def _keep(self, value: Any) -> Any:
        return _Kept(value)

    def _model(self, on: int) -> list[Any]:
        return list(model_rebuilder.taken_apart(self._lent[on]))

    def _send(self, message: dict[str, Any]) -> None:
        self._channel.send(wire.Encoder(self._lend).frame(message))

    def _receive(self) -> Any:
        header, buffers = self._channel.receive(1 << 30, 1 << 20, 1 << 30)
        return wire.Decoder(buffers, self._borrow, wire.TRUSTED).value(header)

    def _lend(self, value: Any) -> tuple[int, Any]:
        kind = type(value)
        if kind.__module__.startswith(_TENSORS) and hasattr(value, "__array__") and not hasattr(value, "get_weights"):
            return wire.ARRAY, np.asarray(value)
        self._lent.append(value.value if kind is _Kept else value)
        return wire.OBJECT, [len(self._lent) - 1, type(self._lent[-1]).__name__[:80]]

    def _borrow(self, code: int, body: Any) -> Any:
        if code == wire.OBJECT:
            return self._lent[body]

        def callback(*args: Any) -> Any:
            self._send({"callback": body, "args": list(args)})
            answer = self._receive()
            if "refused" in answer:
                raise RuntimeError(answer["refused"])
            return answer["answer"]

        return callback


class _Kept:
    """Marks an argument that stays here: it is lent even though it could cross."""

    def __init__(self, value: Any) -> None:
        self.value = value


def _execute(module: ModuleType, text: str) -> None:
    name = module.__name__
    module.__file__ = f"{name}.py"
    sys.modules[name] = module
    linecache.cache[f"{name}.py"] = (len(text), None, text.splitlines(keepends=True), f"{name}.py")
    exec(source.compiled(text, f"{name}.py"), vars(module))  # noqa: S102  this is what the sandbox is for


def _raised(error: BaseException, module: str) -> dict[str, Any]:
    kinds = [kind.__name__ for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind]
    line, message = _line(error, f"{module}.py"), _message(error)
    told = error if isinstance(error, errors.Told) else None
    if isinstance(error, SystemExit) and line is not None:
        told = courtesy.told_of_exit(linecache.getline(f"{module}.py", line))
    elif message is None:
        told = errors.Told("message_unreadable")
    reply = {"raised": [errors.kind_of(error)[:80], *kinds], "message": _sendable(message or ""), "line": line}
    return reply if told is None else {**reply, "said": _said(told)}


def _said(told: Coded) -> list[Any]:
    """The code of what is told in our words, and its arguments."""
    return [told.code, {name: _sendable(each) if type(each) is str else each for name, each in told.arguments.items()}]


def _sendable(text: str) -> str:
    return text[:_TEXT].encode("utf-8", "replace").decode()


def _line(error: BaseException, file: str) -> int | None:
    """The line of the learner's file that an exception came from; none where its reason names it."""
    if isinstance(error, errors.Told):
        return None
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return frames[-1].lineno if frames else None


def _message(error: BaseException) -> str | None:
    """The exception's text; None where that raises."""
    try:
        return str(error)
    except BaseException:  # noqa: BLE001  an exception whose text raises
        return None
