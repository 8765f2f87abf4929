"""Plain pytest: a fresh process for each submission, and a report in JSON."""

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks import frozen
from benchmarks.peers.peer import Peer, Tools, placed
from benchmarks.processes import Command


class PlainPytest(Peer):
    """The checks stay in one folder, so that their rewritten bytecode is cached; PYTHONPATH leads to the submission."""

    name = "plain pytest"
    packages = ("pytest-json-report",)

    def files(self) -> dict[str, str]:
        """The checks as they are."""
        return {f"test_{frozen.KATA}.py": frozen.CHECKS.read_text(encoding="utf-8"), "pytest.ini": "[pytest]\n"}

    def lay(self, template: Path, submissions: Sequence[Path], folder: Path, tools: Tools) -> list[Command]:
        """One process a submission."""
        return [self._command(template, placed(each, folder, f"{frozen.KATA}.py"), tools) for each in submissions]

    def passed(self, folder: Path, submission: Path) -> bool | None:
        """By the outcomes of all tests."""
        report = folder / submission.stem / "report.json"
        if not report.exists():
            return None
        tests = json.loads(report.read_text(encoding="utf-8"))["tests"]
        if len(tests) != len(frozen.check_names()):
            return None
        return all(test["outcome"] == "passed" for test in tests)

    def _command(self, template: Path, own: Path, tools: Tools) -> Command:
        report = ("--json-report", f"--json-report-file={own / 'report.json'}")
        quiet = ("-q", "--tb=line", "-p", "no:cacheprovider")
        checks = str(template / f"test_{frozen.KATA}.py")
        return tools.command(own, "python", "-m", "pytest", *quiet, *report, checks, PYTHONPATH=str(own))
