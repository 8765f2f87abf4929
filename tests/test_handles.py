"""Handles: objects that stay with the learner are known by numbers of ours, and go back to their own worker only."""

from types import SimpleNamespace
from typing import Any

import pytest

from grader.judge import handles
from grader.judge.call_history import Call
from grader.judge.handles import Handles
from grader.judge.proxies import RemoteObject, number_of
from grader.model import Outcome, Reason
from grader.protocol import wire
from grader.protocol.errors import WorkerLost

GONE = (Outcome.CRASHED, Reason("object_is_gone"))


def worker() -> Any:
    return SimpleNamespace(alive=True, dropped=[])


def test_an_object_goes_back_to_its_own_worker_by_the_number_that_it_has_there() -> None:
    known, first, second = Handles(), worker(), worker()
    known.receive(first, wire.OBJECT, [7, "Shelf"])
    thing = known.receive(second, wire.OBJECT, [7, "Shelf"])
    assert number_of(thing) == 1
    assert known.send(second, thing) == (wire.OBJECT, 7)
    with pytest.raises(WorkerLost) as lost:
        known.send(first, thing)
    assert (lost.value.outcome, lost.value.reason) == GONE


def test_an_object_of_a_dead_worker_is_gone() -> None:
    known, only = Handles(), worker()
    known.receive(only, wire.OBJECT, [7, "Shelf"])
    assert known.living(0).number == 7
    only.alive = False
    with pytest.raises(WorkerLost) as lost:
        known.living(0)
    assert (lost.value.outcome, lost.value.reason) == GONE


@pytest.mark.parametrize(
    ("code", "body"),
    [
        (wire.CALLBACK, [7, "Shelf"]),
        (wire.OBJECT, 7),
        (wire.OBJECT, (7, "Shelf")),
        (wire.OBJECT, [True, "Shelf"]),
        (wire.OBJECT, [7, b"Shelf"]),
        (wire.OBJECT, [7, "Shelf", 0]),
    ],
)
def test_what_is_no_object_is_refused(code: int, body: Any) -> None:
    known = Handles()
    with pytest.raises(wire.WireError, match="not an object"):
        known.receive(worker(), code, body)
    assert not known


def test_only_so_many_objects_are_held_and_a_released_one_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handles, "_HANDLES", 2)
    known, only = Handles(), worker()
    held = [known.receive(only, wire.OBJECT, [number, "Shelf"]) for number in (5, 6)]
    with pytest.raises(wire.WireError, match="too many objects"):
        known.receive(only, wire.OBJECT, [7, "Shelf"])
    known.release(number_of(held[0]))
    assert only.dropped == [5]
    assert isinstance(known.receive(only, wire.OBJECT, [7, "Shelf"]), RemoteObject)
    known.release(number_of(held[0]))
    assert only.dropped == [5]


def test_the_maker_of_an_object_is_told_where_it_is_known() -> None:
    known, call = Handles(), Call("Shelf", (), {})
    known.receive(worker(), wire.OBJECT, [7, "Shelf"])
    assert [known.maker(number) for number in (None, 0, 1)] == [None, None, None]
    known[0].made_by = call
    assert known.maker(0) is call
