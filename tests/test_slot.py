"""What a slot is started with."""

import os
import signal
import sys
from pathlib import Path

import pytest

from grader.judge.slots import PROFILES, Zygote, cpu_of
from grader.sandbox.backends import registry
from grader.sandbox.backends.backend import Backend, Walls
from grader.sandbox.settings import environment
from grader.sandbox.slot import Slot


@pytest.mark.parametrize("name", ["HOME", "TMPDIR", "KERAS_HOME"])
def test_nobody_not_even_root_makes_a_file_where_libraries_keep_their_settings(name: str) -> None:
    """A file that one library wrote there outside a slot can't be read in one: no slot would start again."""
    home = Path(environment(PROFILES["keras"])[name])
    with pytest.raises(NotADirectoryError):
        (home / "below").mkdir(parents=True)


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")
def test_no_process_in_a_slot_holds_a_capability() -> None:
    """Nor can get one back: not by its bounding set, nor by new privileges."""
    slot = Slot(PROFILES["plain"], registry.resolve("auto"))
    try:
        slot.wait_until_ready()
        zygote = Zygote(slot.control)
        worker = zygote.start()
        inside = descendants(slot.host.pid)
        held = [facts_of(pid) for pid in inside]
        worker.end.close()
        zygote.end(worker.number)
    finally:
        slot.close()
        slot.forget()
    assert len(held) == 2  # the zygote and its worker
    for facts in held:
        assert {name: int(facts[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {
            "CapInh": 0, "CapPrm": 0, "CapEff": 0, "CapAmb": 0,
        }  # fmt: skip
        assert facts["NoNewPrivs"] == "1"
        assert os.getuid() or int(facts["CapBnd"], 16) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_a_command_that_only_waits_says_whose_clock_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge reads the clock of the process that the backend names, in place of that of the command."""
    launcher = ["sh", "-c", '"$@"; exit $?', "launcher"]
    waits = Backend(
        "waits",
        lambda host: [*launcher, sys.executable, *host.zygote],
        unavailable=lambda: "",
        walls=Walls.NONE,
        automatic=False,
        charged=lambda host: descendants(host)[-1],
    )
    monkeypatch.setattr(registry, "BACKENDS", (waits,))
    slot = Slot(PROFILES["plain"], "waits")
    zygote = Zygote(slot.control)
    try:
        slot.wait_until_ready()
        charged, waiting = slot.charged, cpu_of(slot.host.pid)
        before = cpu_of(charged)
        for _ in range(5):
            worker = zygote.start()
            parents = facts_of(worker.pid)["PPid"]
            worker.end.close()
            zygote.end(worker.number)
        spent, waited = cpu_of(charged) - before, cpu_of(slot.host.pid) - waiting
    finally:
        os.kill(slot.charged, signal.SIGTERM)
        slot.close()
        slot.forget()
    assert parents == str(charged)
    assert spent > waited == 0.0


@pytest.mark.skipif(sys.platform != "linux", reason="clocks of other processes")
@pytest.mark.parametrize("isolation", ["auto", "bare"])
def test_the_time_of_what_works_for_workers_is_a_cost(isolation: str) -> None:
    slot = Slot(PROFILES["plain"], registry.resolve(isolation))
    zygote = Zygote(slot.control)
    try:
        slot.wait_until_ready()
        before = cpu_of(slot.charged)
        worker = zygote.start()
        own, below = [slot.host.pid, *descendants(slot.host.pid)], descendants(slot.charged)
        worker.end.close()
        zygote.end(worker.number)
        spent = cpu_of(slot.charged) - before
    finally:
        slot.close()
        slot.forget()
    assert slot.charged in own
    assert worker.pid in below
    assert spent > 0.0


def descendants(pid: int) -> list[int]:
    children = [
        int(each) for task in Path(f"/proc/{pid}/task").iterdir() for each in (task / "children").read_text().split()
    ]
    return [found for child in children for found in (child, *descendants(child))]


def facts_of(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
