"""What the benchmarks rest on: the work as it was, every check in every peer's format, the arithmetic."""

import ast
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
if not (ROOT / "benchmarks").is_dir():
    pytest.skip("there is no clone", allow_module_level=True)
sys.path.append(str(ROOT))  # at the end: a grader that is installed comes first

from benchmarks import bench, figures, floor, frozen, goals, guard, machine, processes, results  # noqa: E402
from benchmarks.figures import Figure  # noqa: E402
from benchmarks.peers import PEERS, Peer  # noqa: E402

CHECKS = frozen.check_names()
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the benchmarks need Linux")
by_peer = pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)


def test_the_work_is_as_it_was() -> None:
    assert frozen.altered() == []
    assert len(frozen.submissions()) == 24
    assert len(CHECKS) == 20
    assert len(frozen.submissions(frozen.FEW)) == len(frozen.FEW)
    assert len(frozen.submissions(guard.EIGHT)) == 8


def test_altered_work_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text("1")
    (tmp_path / "new.py").write_text("2")
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  ./a.py\n{'0' * 64}  ./gone.py\n")
    monkeypatch.setattr(frozen, "WORK", tmp_path)
    assert frozen.altered() == ["a.py", "gone.py", "new.py"]


def test_no_two_copies_are_the_same(tmp_path: Path) -> None:
    copies = frozen.copies(frozen.submissions(), 50, tmp_path)
    assert len({path.read_bytes() for path in copies}) == 50
    assert copies[24].stem.rpartition("_")[2] == "s01"
    assert ast.dump(ast.parse(copies[24].read_text())) == ast.dump(ast.parse(frozen.submissions()[0].read_text()))


def test_children_cache_bytecode_and_keep_to_their_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")
    found = frozen.environment(tmp_path / "home", EXTRA="1")
    assert not {"PYTHONDONTWRITEBYTECODE", "XDG_CACHE_HOME"} & found.keys()
    assert (found["HOME"], found["EXTRA"]) == (str(tmp_path / "home"), "1")


@by_peer
def test_a_peer_gets_every_check(peer: Peer) -> None:
    texts = peer.files()
    whole = "\n".join(_code(text) if name.endswith(".ipynb") else text for name, text in texts.items())
    for name in CHECKS:
        assert whole.count(name) >= (2 if peer.name != "plain pytest" else 1)
    assert whole.count("@fifty") == 7
    assert whole.count("@given") == 7


@by_peer
def test_what_a_peer_gets_is_python(peer: Peer) -> None:
    for name, text in peer.files().items():
        if name.endswith(".py"):
            ast.parse(text)
        if name.endswith(".ipynb"):
            ast.parse(_code(text))


@by_peer
def test_no_verdict_where_a_peer_wrote_nothing(peer: Peer, tmp_path: Path) -> None:
    assert peer.passed(tmp_path, frozen.submissions()[0]) is None


def _code(notebook: str) -> str:
    return "\n".join(cell["source"] for cell in json.loads(notebook)["cells"])


def test_a_figure_is_the_median_with_its_range() -> None:
    assert figures.figure([3.0, 1.0, 2.0]) == Figure(2.0, 1.0, 3.0, 3)
    assert str(figures.figure([3.0, 1.0, 2.0])) == "2.00 (1.00 to 3.00)"
    assert str(figures.figure([2.0])) == "2.00"


def test_a_ratio_is_taken_turn_by_turn() -> None:
    # the second turn was twice as slow for both
    assert figures.ratio([1.0, 2.0, 1.5], [2.0, 4.0, 2.0]) == Figure(0.5, 0.5, 0.75, 3)
    assert figures.scaled([2.0, 4.0], 2) == Figure(1.5, 1.0, 2.0, 2)


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0"), (0.01234, "0.0123"), (0.5, "0.500"), (12.34, "12.3"), (12345.6, "12,346")]
)
def test_three_digits(value: float, shown: str) -> None:
    assert figures.digits(value) == shown


def test_verdicts_that_differ_are_named() -> None:
    right = {"a": True, "b": False, "c": True}
    assert bench.disagreement(dict(right), right) == ""
    assert bench.disagreement({"a": False, "b": False}, right) == (
        "no verdict on c; another verdict than the floor's on a"
    )


def test_the_floor_of_copies_is_that_of_their_sources() -> None:
    found = bench.Floor({"s01": 0.5, "s02": 2.0}, {"s01": True, "s02": False})
    copies = found.of_copies([Path("n0_s02.py"), Path("n1_s01.py"), Path("n2_s02.py")])
    assert copies.of(["n0_s02", "n2_s02"]) == 4.0
    assert copies.right == {"n0_s02": False, "n1_s01": True, "n2_s02": False}


def test_the_floor_judges_one_submission_after_the_other(tmp_path: Path) -> None:
    checks = tmp_path / "test_twice.py"
    checks.write_text("from twice import double\ndef test_it():\n    assert double(2) == 4\n")
    for name, code in {"right": "x * 2", "wrong": "x + 3"}.items():
        (tmp_path / f"{name}.py").write_text(f"def double(x):\n    return {code}\n")
    sys.modules["twice"] = floor.loaded("twice", tmp_path / "right.py")
    try:
        module = floor.loaded("checks", checks)
        found = []
        for name in ("wrong", "right"):
            floor.rebind(module, "twice", tmp_path / f"{name}.py")
            found.append(floor.passes(module.test_it))
    finally:
        del sys.modules["twice"]
    assert found == [False, True]


def test_goals_are_compared_with_the_median() -> None:
    most, least = goals.Goal("a", "a", 0.15), goals.Goal("b", "b", 1.85, at_least=True)
    assert goals.met(most, Figure(0.15, 0.1, 0.9))
    assert not goals.met(most, Figure(0.16, 0.1, 0.9))
    assert goals.met(least, Figure(1.9, 1.0, 2.0))
    assert not goals.met(least, Figure(1.8, 1.0, 2.0))
    first, second, *_ = goals.rows({goals.GOALS[0].figure: Figure(0.3, 0.3, 0.3)})
    assert first[-1] == "no: 2.00 x the limit"
    assert second[-2:] == ("not measured", "")


def test_the_guard_takes_the_best_of_both() -> None:
    assert guard.verdict("x", [2.0, 1.0, 9.0], [4.0, 2.0, 2.5], 0.5)[0]
    kept, sentence = guard.verdict("CPU of x", [1.2, 1.3], [2.0, 2.2], 0.5)
    assert not kept
    assert sentence == "CPU of x has become 0.600; the limit is 0.500: find what got dearer"


def test_a_page_has_every_table() -> None:
    finding = bench.Finding("Title", "Says.", ("grader", "CPU s"), [("us", "1.0"), ("a|b", "2.0")], {})
    page = results.page([("cores", "2")], [finding], " --quick", 90.0)
    assert "## Title\n\nSays.\n\n| grader | CPU s |\n| --- | ---: |\n| us | 1.0 |\n| a/b | 2.0 |\n" in page
    assert all(goal.says in page for goal in goals.GOALS)
    assert "| cores | 2 |" in page


@on_linux
def test_the_machine_is_described() -> None:
    facts = dict(machine.facts(()))
    assert {"date", "commit", "cores", "memory", "kernel", "Python", "ours"} <= facts.keys()
    assert "numpy" in facts["ours"]


ORPHANS = """
import os, subprocess, sys, time
from pathlib import Path
from benchmarks import processes
processes.adopt_orphans()
spin = "import time\\nwhile time.process_time() < 0.3: pass"
left = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {spin!r}]); time.sleep(0.2)"
cost = processes.run([processes.Command([sys.executable, "-c", left], Path.cwd(), dict(os.environ))])
sleeper = "import subprocess, time; subprocess.Popen(['sleep', '60'], start_new_session=True); raise SystemExit(7)"
late = processes.run([processes.Command([sys.executable, "-c", sleeper], Path.cwd(), dict(os.environ))])
print(cost.orphans > 0.25, cost.cpu > cost.orphans, late.complaint, processes.descendants(os.getpid()))
"""


@on_linux
def test_what_a_command_leaves_behind_is_counted_and_ended() -> None:
    command = [sys.executable, "-c", ORPHANS]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert told.stdout.split("\n")[0] == "True True exit code 7: it said nothing []", told.stderr


STOPPED = """
import os, signal, sys
from pathlib import Path
from benchmarks import processes
signal.signal(signal.SIGINT, signal.default_int_handler)  # what is started in the background ignores it
processes.adopt_orphans()
sleeper = "import subprocess; subprocess.Popen(['sleep', '60'], start_new_session=True).wait()"
try:
    processes.run([processes.Command([sys.executable, "-c", sleeper], Path.cwd(), dict(os.environ))])
except KeyboardInterrupt:
    print(processes.descendants(os.getpid()))
"""


@on_linux
def test_stopping_ends_everything(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", STOPPED]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while len(processes.descendants(process.pid)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(2)
    told, _ = process.communicate(timeout=30)
    assert told == "[]\n"
