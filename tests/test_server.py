"""What a judge keeps from one job to the next, and what it ends: with sessions and slots made up."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from grader.content.catalog import read_kata
from grader.judge import server, session
from grader.judge.messages import Ended, Request, fault
from grader.model import Done, Event, ForAudit, Job, Kata, KataReport, Status

KATAS = Path(__file__).with_name("katas")
ECHO = read_kata(KATAS / "exercises/machine/echo.py", KATAS / "checks")


def request(name: str = "echo", imports: tuple[str, ...] = (), hash_seed: int = 0) -> Request:
    kata = msgspec.structs.replace(ECHO, name=name, imports=imports)
    return Request(kata, Job(kata.id, b"", "bare", audit=ForAudit(hash_seed=hash_seed)))


class Slot:
    """Is ready at once."""

    def __init__(self, *_: object) -> None:
        self.ready, self.closed = True, False

    def close(self) -> None:
        self.closed = True


class Machine:
    """A judge whose sessions do what they are told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.alive: list[str] = []
        self.begun: list[str] = []
        self.slots: list[Slot] = []
        self.answer: Callable[[Job], Ended] = passed
        machine = self

        class Session:
            def __init__(self, kata: Kata, slot: Slot, _: object) -> None:
                self.kata, self.slot = kata, slot
                machine.alive.append(kata.id)
                machine.begun.append(kata.id)

            def judge(self, job: Job, _: Callable[[Event], None]) -> Ended:
                return machine.answer(job)

            def end(self) -> None:
                machine.alive.remove(self.kata.id)

        monkeypatch.setattr(session, "Session", Session)
        monkeypatch.setattr(server, "Slot", self.slot)
        self.told: list[Done] = []
        self.server = server.JudgeServer(SimpleNamespace(send=self.told.append))  # type: ignore[arg-type]

    def slot(self, *_: object) -> Slot:
        self.slots.append(Slot())
        return self.slots[-1]

    def judge(self, request: Request) -> KataReport:
        self.server.judge(request)
        return self.told[-1].report


def passed(job: Job) -> Ended:
    return Ended(KataReport(job.kata, Status.PASSED), slot_is_fine=True)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_the_checks_of_the_last_32_katas_are_kept_collected(machine: Machine) -> None:
    for number in range(32):
        machine.judge(request(f"k{number}"))
    assert len(machine.alive) == 32
    machine.judge(request("k0"))
    machine.judge(request("k32"))
    assert machine.alive == [f"machine/k{number}" for number in range(33) if number != 1]
    assert machine.begun == [f"machine/k{number}" for number in range(33)]


def test_a_fault_is_tried_once_more_in_a_new_slot_and_session(machine: Machine) -> None:
    machine.answer = lambda job: Ended(fault(job.kata, "no memory"), slot_is_fine=False)
    assert machine.judge(request()).fault == "no memory"
    assert (len(machine.begun), machine.alive) == (2, [])
    assert [slot.closed for slot in machine.slots] == [True, True]
    machine.answer = passed
    assert machine.judge(request()).status is Status.PASSED
    assert len(machine.told) == 2


def test_a_fault_with_a_slot_that_is_fine_keeps_the_slot(machine: Machine) -> None:
    answers = [Ended(fault(ECHO.id, "odd"), slot_is_fine=True), passed(request().job)]
    machine.answer = lambda _: answers.pop(0)
    assert machine.judge(request()).status is Status.PASSED
    assert (len(machine.begun), len(machine.slots)) == (2, 1)


def test_a_slot_in_doubt_is_renewed_though_nothing_failed(machine: Machine) -> None:
    machine.answer = lambda job: Ended(passed(job).report, slot_is_fine=False)
    machine.judge(request())
    machine.answer = passed
    machine.judge(request())
    assert [slot.closed for slot in machine.slots] == [True, False]
    assert machine.begun == ["machine/echo"] * 2


@pytest.mark.parametrize(
    ("error", "says"), [(EOFError(), "ended unexpectedly"), (OSError("no fork"), "no fork"), (ValueError("x"), "x")]
)
def test_a_session_that_is_gone_is_a_fault_and_nothing_of_it_is_kept(
    machine: Machine, error: Exception, says: str
) -> None:
    def lost(_: Job) -> Ended:
        raise error

    machine.answer = lost
    assert says in machine.judge(request()).fault
    assert (len(machine.begun), machine.alive, len(machine.slots)) == (2, [], 2)


def test_what_may_not_share_a_slot_has_its_own(machine: Machine) -> None:
    asked = [request(), request("other"), request(hash_seed=1), request("p", ("pandas",)), request()]
    for each in asked:
        machine.judge(each)
    assert len(machine.slots) == 3


def test_closing_ends_every_session_and_slot(machine: Machine) -> None:
    machine.judge(request())
    machine.judge(request("other", hash_seed=1))
    machine.server.close()
    assert (machine.alive, [slot.closed for slot in machine.slots]) == ([], [True, True])
