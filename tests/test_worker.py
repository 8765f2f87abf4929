"""What a learner is told about a file that imports, asks or ends: in the sandbox that this machine has."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.content.catalog import read_kata
from grader.grading.judge_process import Judge
from grader.judge.messages import Request
from grader.model import Done, Job, KataReport, Limits, Outcome, Status
from grader.reports.verdicts import account
from grader.sandbox.backends import registry

KATAS = Path(__file__).with_name("katas")
ECHO = read_kata(KATAS / "exercises/machine/echo.py", KATAS / "checks")
REFERENCE = ECHO.reference.read_text()
LIMITS = Limits(call_seconds=2.0, submission_seconds=8.0, patience=3.0)
REFUSED = "this kata asks you to write that yourself; you may use numpy and the standard library"


@pytest.fixture(scope="module")
def graded() -> Iterator[Callable[[str], KataReport]]:
    judge, confined = Judge(), registry.resolve("auto")

    def graded(code: str) -> KataReport:
        *_, done = judge.events(Request(ECHO, Job(ECHO.id, code.encode(), confined, limits=LIMITS)))
        assert isinstance(done, Done)
        assert done.report.fault == ""
        return done.report

    yield graded
    judge.close()


def told(report: KataReport) -> str:
    """What the first check says; no other is run."""
    first, *others = report.verdicts
    assert first.outcome is Outcome.RAISED
    assert {verdict.outcome for verdict in others} == {Outcome.NOT_RUN}
    return account(first)


COSTS_NOTHING = {
    "the standard library": "import os, sys, re, time, warnings, functools, decimal, sqlite3, ctypes, zoneinfo\n",
    "a guard": "if __name__ == '__main__':\n    import matplotlib.pyplot, sklearn, helpers\n",
    "a function that isn't called": "def main():\n    import sklearn\n    from . import helpers\n",
    "a branch": "if not numpy_is_enough:\n    import scipy\n",
    "a choice": "try:\n    import pandas\nexcept ImportError:\n    pandas = None\n",
    "a module that isn't there": "try:\n    import matplotlib\nexcept ModuleNotFoundError:\n    pass\n",
    "a name for types": "from __future__ import annotations\n",
    "a person who isn't there": "try:\n    number = int(input('how many? '))\nexcept EOFError:\n    number = 3\n",
    "an exit in a function": "import sys\ndef main():\n    sys.exit(0)\n",
    "what numpy imports itself": "import numpy as np\nnp.testing.assert_equal(np.polynomial.Polynomial([1]), 1)\n"[:19],
}


@pytest.mark.parametrize("name", COSTS_NOTHING)
def test_what_does_no_task_costs_nothing(graded, name: str) -> None:
    first = COSTS_NOTHING[name]
    before = "" if "__future__" in first else "numpy_is_enough = True\n"
    assert graded(before + first + REFERENCE).status is Status.PASSED


TOLD = {
    "import sklearn.metrics": f"line 3 imports sklearn: {REFUSED}",
    "from scipy import sparse": f"line 3 imports scipy: {REFUSED}",
    "__import__('keras')": f"line 3 imports keras: {REFUSED}",
    "exec('import pandas')": f"line 3 imports pandas: {REFUSED}",
    "exec('import pandas', {})": f"line 3 imports pandas: {REFUSED}",
    "import importlib; importlib.import_module('sklearn.cluster')": f"line 3 imports sklearn: {REFUSED}",
    "from importlib import __import__ as load; load('tensorflow')": f"line 3 imports tensorflow: {REFUSED}",
    "import pytest": "line 3 imports pytest: it is no part of this kata",
    "import matplotlib.pyplot as plt": "No module named 'matplotlib' (line 3 of your file)",
    "import helpers": "line 3 imports 'helpers', which isn't here; one file only: put helpers into echo.py",
    "from helpers.more import cosine": "one file only: put helpers into echo.py",
    "from .helpers import cosine": "line 3 imports a file beside it; one file only: put helpers into echo.py",
    "from . import helpers": "one file only: put helpers into echo.py",
    "from .. import *": "one file only: put * into echo.py",
    "n = int(input('how many? '))": "input() waits for a person; remove it, line 3",
    "import sys; text = sys.stdin.read()": "sys.stdin waits for a person; remove it, line 3",
    "import sys; lines = list(sys.stdin)": "sys.stdin waits for a person; remove it, line 3",
    "import sys; data = sys.stdin.buffer.readline()": "sys.stdin waits for a person; remove it, line 3",
    "exit()": "exit() ends the program; remove it (line 3 of your file)",
    "quit()": "quit() ends the program; remove it (line 3 of your file)",
    "import sys; sys.exit(0)": "sys.exit() ends the program; remove it (line 3 of your file)",
    "raise SystemExit": "SystemExit ends the program; remove it (line 3 of your file)",
    "1 / 0": "ZeroDivisionError: division by zero (line 3 of your file)",
}


@pytest.mark.parametrize("line", TOLD)
def test_what_stops_a_file_is_told_with_its_line(graded, line: str) -> None:
    assert TOLD[line] in told(graded(f"'''A submission.'''\n\n{line}\n{REFERENCE}"))


def test_an_import_in_a_function_is_refused_when_it_is_called(graded) -> None:
    lazy = "def echo(value):\n    import sklearn\n"
    found = {verdict.check: verdict for verdict in graded(f"{REFERENCE}\n{lazy}").verdicts}
    line = REFERENCE.count("\n") + 3
    assert f"line {line} imports sklearn: {REFUSED}" in account(found["test_examples"])
    assert found["test_a_generator_yields"].outcome is Outcome.PASSED


def test_what_is_loaded_for_others_is_not_reached_by_its_name() -> None:
    """A slot for scipy has scikit-learn in it, too."""
    kata = read_kata(ECHO.stub, KATAS / "checks")
    judge = Judge()
    code = "import importlib\nimport scipy.sparse\nimportlib.import_module('sklearn')\n"
    allowed = type(kata)(
        **{**{field: getattr(kata, field) for field in kata.__struct_fields__}, "imports": ("numpy", "scipy")}
    )
    *_, done = judge.events(Request(allowed, Job(allowed.id, code.encode(), registry.resolve("auto"), limits=LIMITS)))
    judge.close()
    assert isinstance(done, Done)
    assert "line 3 imports sklearn" in told(done.report)
    assert "you may use numpy, scipy and the standard library" in told(done.report)


CANNOT = {
    "end itself by SIGKILL": "os.kill(os.getpid(), signal.SIGKILL)",
    "end a thread of its own by SIGKILL": "signal.pthread_kill(threading.get_ident(), signal.SIGKILL)",
    "look at a file": "os.stat('/etc/passwd')",
    "look at a file by the C library": "check(libc.access(b'/etc/passwd', 0))",
    "open a file only to look at it": "os.fstat(os.open('/etc/passwd', 0o10000000))",
    "read where a link leads": "os.readlink('/proc/self/exe')",
    "have pages merged with others'": "mmap.mmap(-1, 4096).madvise(12)",
    "map a file without end": "check(libc.mmap(None, LARGE, 1, 2, os.open(os.__file__, 0), ctypes.c_long(0)) == -1)",
}
ATTEMPT = """
import ctypes, mmap, os, signal, threading
libc = ctypes.CDLL(None)
LARGE = ctypes.c_size_t(1 << 35)

def check(failed):
    if failed:
        raise OSError

try:
    {attempt}
except OSError:
    pass
else:
    raise RuntimeError("it could")
"""


@pytest.mark.parametrize("what", CANNOT)
def test_a_worker_cannot(graded, what: str) -> None:
    assert graded(ATTEMPT.format(attempt=CANNOT[what]) + REFERENCE).status is Status.PASSED


def test_a_worker_still_sees_what_it_may_read(graded) -> None:
    code = """
import glob, os, pathlib, zoneinfo
assert os.path.isfile(os.__file__) and os.path.isdir(os.path.dirname(os.__file__) + "/json")
assert pathlib.Path(os.__file__).stat().st_size == os.path.getsize(os.__file__) > 0
assert os.access(os.__file__, os.R_OK) and not os.access(os.__file__, os.W_OK)
assert not os.path.exists(os.__file__ + ".none")
"""
    assert graded(code + REFERENCE).status is Status.PASSED
