"""The ways to confine a slot: what a user may ask for, what is chosen, and what a new one needs."""

import re
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grader import cli
from grader.model import GraderError
from grader.sandbox.backends import registry, sandlock
from grader.sandbox.backends.backend import Backend, Host, Walls, host_itself


def made_up(name: str, why: str = "", *, automatic: bool = True, **more: object) -> Backend:
    return Backend(name, lambda host: host.zygote, lambda: why, Walls.NONE, automatic, host_itself, **more)


@pytest.fixture
def backends(monkeypatch: pytest.MonkeyPatch):
    def use(*found: Backend) -> None:
        monkeypatch.setattr(registry, "BACKENDS", found)

    return use


def test_auto_is_the_first_that_can_be_had_and_may_be_chosen(backends) -> None:
    backends(made_up("a", "no a here"), made_up("b", automatic=False), made_up("c"), made_up("d"))
    assert registry.resolve("auto") == "c"
    assert registry.resolve("b") == "b"


def test_where_nothing_can_be_had_the_last_reason_and_a_way_out_are_told(backends) -> None:
    backends(made_up("a", "no a here"), made_up("b", "no b here"), made_up("bare", automatic=False))
    with pytest.raises(GraderError, match=r"^no b here; `--isolation bare` grades without a sandbox"):
        registry.resolve("auto")
    with pytest.raises(GraderError, match=r"^no a here; `--isolation bare`"):
        registry.resolve("a")


def test_only_the_full_sandbox_certifies(backends, monkeypatch: pytest.MonkeyPatch) -> None:
    backends(made_up("a", certifiable=True), made_up("b"))
    monkeypatch.setattr(registry, "_addresses_differ", lambda: True)
    registry.refuse_uncertifiable("a")
    with pytest.raises(GraderError, match="this would be graded in b"):
        registry.refuse_uncertifiable("b")
    monkeypatch.setattr(registry, "_addresses_differ", lambda: False)
    with pytest.raises(GraderError, match="address space layout randomisation"):
        registry.refuse_uncertifiable("a")


def test_what_ships() -> None:
    assert [each.name for each in registry.BACKENDS] == ["sandlock", "sandlock-degraded", "bare"]
    assert registry.choices() == ["auto", "sandlock", "bare"]
    assert [each.name for each in registry.BACKENDS if each.certifiable] == ["sandlock"]
    assert [each.name for each in registry.BACKENDS if not each.confines] == ["bare"]
    assert not registry.backend("bare").automatic


def test_the_command_offers_what_there_is() -> None:
    asked = CliRunner().invoke(cli.app, ["grade", "x.py", "--isolation", "none"])
    assert asked.exit_code == 2
    words = " ".join(asked.output.replace("│", " ").split())
    assert "'none' is not one of 'auto', 'sandlock', 'bare'" in words


@pytest.mark.parametrize(("abi", "full", "relaxed"), [(0, False, False), (3, False, True), (6, True, True)])
@pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux's")
def test_an_older_kernel_has_the_degraded_sandbox(
    monkeypatch: pytest.MonkeyPatch, abi: int, full: bool, relaxed: bool
) -> None:
    monkeypatch.setattr("sandlock.landlock_abi_version", lambda: abi)
    assert (sandlock.SANDLOCK.unavailable() == "") is full
    assert (sandlock.DEGRADED.unavailable() == "") is relaxed
    if abi == 3:
        assert "lacks scopes for signals and abstract sockets, ioctl on devices, TCP rules;" in (
            sandlock.SANDLOCK.unavailable()
        )


def test_nobody_else_names_a_backend() -> None:
    """Knowledge of one backend stands in its own module; the registry imports it."""
    grader = Path(registry.__file__).parents[2]
    elsewhere = {
        path.relative_to(grader).as_posix()
        for path in grader.rglob("*.py")
        if '"sandlock' in (text := path.read_text(encoding="utf-8")) or '"bare"' in text
    }
    assert elsewhere <= {"sandbox/backends/sandlock.py", "sandbox/backends/bare.py"}


def test_who_knows_the_library_of_one_backend() -> None:
    """Its module and its host; and of the walls inside, which every confining backend has, the one for files."""
    grader = Path(registry.__file__).parents[2]
    importers = {
        path.relative_to(grader).as_posix()
        for path in grader.rglob("*.py")
        if re.search(r"^ *(import|from) sandlock\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert importers == {
        *("sandbox/backends/sandlock.py", "sandbox/backends/sandlock_host.py"),
        *("sandbox/inside/landlock.py", "sandbox/inside/syscalls.py"),
    }


def test_the_help_says_what_confines_nothing(backends) -> None:
    assert registry.unconfined() == ["bare"]
    backends(made_up("a"), made_up("b", selectable=False), made_up("c")._replace(walls=Walls.RELAXED))
    assert registry.unconfined() == ["a"]


def test_a_host_is_what_a_command_is_made_of() -> None:
    host = Host(["-c", "pass"], ["/lib"], {"A": "1"}, 2, None)
    assert registry.backend("bare").command(host) == [sys.executable, "-c", "pass"]
    assert registry.backend("sandlock").command(host)[:3] == [sys.executable, "-s", "-P"]
