"""gradescope-utils: unittest with its decorators and its JSON runner, as the service runs it in a container."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmarks import frozen
from benchmarks.peers.peer import Peer, Tools, placed
from benchmarks.processes import Command

_TESTS = """import unittest

from gradescope_utils.autograder_utils.decorators import number, visibility, weight

import checks


class TestKata(unittest.TestCase):
"""
_TEST = '''
    @weight(1)
    @number("{number}")
    @visibility("hidden")
    def {name}(self):
        """{name}"""
        checks.{name}()
'''
_RUNNER = """import unittest

from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner

tests = unittest.defaultTestLoader.discover("tests", top_level_dir=".")
with open("results/results.json", "w") as file:
    JSONTestRunner(visibility="visible", stream=file).run(tests)
"""


class GradescopeUtils(Peer):
    """A folder for each submission, as each has a container of its own on the service."""

    name = "gradescope-utils"
    packages = ("gradescope-utils",)

    def files(self) -> dict[str, str]:
        """A test case whose methods call the checks."""
        tests = [_TEST.format(name=name, number=number) for number, name in enumerate(frozen.check_names(), 1)]
        return {
            "checks.py": frozen.CHECKS.read_text(encoding="utf-8"),
            "tests/__init__.py": "",
            "tests/test_kata.py": _TESTS + "".join(tests),
            "run_tests.py": _RUNNER,
            "run_autograder": "#!/bin/bash\npython run_tests.py\n",
            "results/.keep": "",
        }

    def lay(self, template: Path, submissions: Sequence[Path], folder: Path, tools: Tools) -> list[Command]:
        """One run of the autograder a submission."""
        commands = []
        for submission in submissions:
            own = folder / submission.stem
            shutil.copytree(template, own)
            placed(submission, folder, f"{frozen.KATA}.py")
            commands.append(Command(["bash", "run_autograder"], own, tools.environment))
        return commands

    def passed(self, folder: Path, submission: Path) -> bool | None:
        """By the scores of all tests."""
        results = folder / submission.stem / "results" / "results.json"
        if not results.exists():
            return None
        tests = json.loads(results.read_text(encoding="utf-8") or "{}").get("tests", [])
        if len(tests) != len(frozen.check_names()):
            return None
        return all(test["score"] == test["max_score"] for test in tests)
