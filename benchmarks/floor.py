"""The floor: checks by hypothesis in one warm process, without sandbox or report.

`python -m benchmarks.floor work FILE...`, or the name of a kata of the catalogue for `work`. Writes a line of JSON for
each submission to BENCHMARK_OUTPUT: its name, CPU seconds, whether every check passed. Imports are over and the
reference has been graded when the first is timed.
"""

import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest

from benchmarks import frozen

Grade = Callable[[Path], bool]


def main(what: str, *paths: str) -> None:
    """Grade and write."""
    warnings.simplefilter("ignore")
    files = [Path(path) for path in paths]
    with Path(os.environ["BENCHMARK_OUTPUT"]).open("w", encoding="utf-8") as output:
        found = work(files) if what == "work" else catalogue(what, files)
        output.writelines(json.dumps(facts) + "\n" for facts in found)


def work(files: list[Path]) -> Iterator[dict[str, object]]:
    """Grade by calling the checks."""
    sys.modules[frozen.KATA] = loaded(frozen.KATA, frozen.REFERENCE)
    checks = loaded("checks", frozen.CHECKS)
    tests = [getattr(checks, name) for name in frozen.check_names()]

    def grade(path: Path) -> bool:
        rebind(checks, frozen.KATA, path)
        return [passes(test) for test in tests].count(False) == 0  # every check is run, whatever came before

    yield from timed(grade, frozen.REFERENCE, files, warm=2)


def catalogue(name: str, files: list[Path]) -> list[dict[str, object]]:
    """Grade a kata of the catalogue by pytest, for its fixtures: collected once, with the grader's profile."""
    from grader.content import catalog  # noqa: PLC0415  the work has no need of it

    kata = catalog.find(name)
    sys.modules["reference"] = loaded("reference", kata.reference)
    sys.modules[kata.name] = loaded(kata.name, kata.reference)
    runner = _Runner(kata.name, kata.reference, files)
    plain = [part for name in ("terminal", "cacheprovider", "faulthandler", "logging") for part in ("-p", f"no:{name}")]
    where = ["-c", os.devnull, "--rootdir", str(kata.checks.parent), "--noconftest", "--import-mode=importlib"]
    pytest.main([*plain, *where, str(kata.checks)], plugins=[runner])
    return runner.found


class _Runner:
    """Runs what pytest has collected, for one submission after the other."""

    def __init__(self, name: str, reference: Path, files: list[Path]) -> None:
        self.found: list[dict[str, object]] = []
        self._name, self._reference, self._files = name, reference, files
        self._failed = False

    def pytest_configure(self, config: pytest.Config) -> None:
        """Know the marks, draw as the grader does."""
        from grader.judge import pytest_plugin  # noqa: PLC0415

        pytest_plugin.register_marks(config)
        hypothesis.settings.load_profile("kata")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep whether a check failed."""
        self._failed = self._failed or report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Grade each submission with everything that was collected."""
        checks = getattr(session.items[0], "module")  # noqa: B009  only functions have one, and all items are such

        def grade(path: Path) -> bool:
            self._failed = False
            rebind(checks, self._name, path)
            for item, after in zip(session.items, [*session.items[1:], None], strict=True):
                item.ihook.pytest_runtest_protocol(item=item, nextitem=after)
            return not self._failed

        self.found = list(timed(grade, self._reference, self._files, warm=1))
        return True


def timed(grade: Grade, reference: Path, files: list[Path], warm: int) -> Iterator[dict[str, object]]:
    """Grade the reference so often to get warm, then time each file."""
    for _ in range(warm):
        if not grade(reference):
            raise SystemExit("the reference doesn't pass its own checks")
    for path in files:
        began = time.process_time()
        passed = grade(path)
        yield {"submission": path.stem, "cpu": time.process_time() - began, "passed": passed}


def passes(test: Callable[[], None]) -> bool:
    """Whether one check passes."""
    try:
        test()
    except (Exception, pytest.fail.Exception):  # noqa: BLE001  a learner's code may raise anything
        return False
    return True


def rebind(checks: ModuleType, name: str, path: Path) -> None:
    """Let the names that checks have imported of one submission mean those of another."""
    old, new = sys.modules[name], loaded(name, path)
    sys.modules[name] = new
    for key, value in vars(old).items():
        if not key.startswith("__") and vars(checks).get(key) is value:
            setattr(checks, key, getattr(new, key, None))


def loaded(name: str, path: Path) -> ModuleType:
    """A module from a file, left out of sys.modules; nothing is written beside the file."""
    module = ModuleType(name)
    module.__file__ = str(path)
    exec(compile(path.read_bytes(), str(path), "exec"), vars(module))
    return module


if __name__ == "__main__":
    main(*sys.argv[1:])
