"""otter-grader: `otter run` on a script, with an autograder made once by `otter generate`."""

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks import frozen
from benchmarks.peers.peer import Peer, Tools, placed
from benchmarks.processes import Command

_HEAD = '''OK_FORMAT = False
name = "{kata}"
points = {points}

from otter.test_files import test_case

learner = {{}}


def asked(name):
    """A function of the learner's, found when it is called."""
    return lambda *args, **kwargs: learner[name](*args, **kwargs)


{names} = map(asked, {quoted})
'''
_TEST = """

@test_case(name="{name}", hidden=True, points=1)
def otter_{name}(env):
    judged(env, {name})
"""
_JUDGED = '''

def judged(env, test):
    """Run one check on the learner's names; otter takes an exception for a failure, and pytest's isn't one."""
    learner.clear()
    learner.update(env)
    try:
        test()
    except pytest.fail.Exception as error:
        raise AssertionError(str(error)) from None
'''


class Otter(Peer):
    """One run a submission; each has a folder for its results."""

    name = "otter-grader"
    packages = ("otter-grader", "ipykernel")

    def files(self) -> dict[str, str]:
        """One test file, with a test case for each check."""
        names, tests = frozen.learner_names(), frozen.check_names()
        head = _HEAD.format(kata=frozen.KATA, points=len(tests), names=", ".join(names), quoted=names)
        cases = "".join(_TEST.format(name=name) for name in tests)
        return {f"tests/{frozen.KATA}.py": head + frozen.checks_without_import() + _JUDGED + cases}

    def built(self, template: Path, tools: Tools) -> list[Command]:
        """Zip the autograder."""
        return [tools.command(template, "otter", "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment")]

    def lay(self, template: Path, submissions: Sequence[Path], folder: Path, tools: Tools) -> list[Command]:
        """One run a submission."""
        commands = []
        for submission in submissions:
            own = placed(submission, folder, f"{frozen.KATA}.py")
            (own / "out").mkdir(exist_ok=True)
            grader = ("-a", str(template / "autograder.zip"), "-o", "out", "--no-logo")
            commands.append(tools.command(own, "otter", "run", *grader, f"{frozen.KATA}.py"))
        return commands

    def passed(self, folder: Path, submission: Path) -> bool | None:
        """By the scores of all test cases."""
        results = folder / submission.stem / "out" / "results.json"
        if not results.exists():
            return None
        tests = [each for each in json.loads(results.read_text(encoding="utf-8"))["tests"] if "score" in each]
        if sum(each["max_score"] for each in tests) != len(frozen.check_names()):
            return None
        return all(each["score"] == each["max_score"] for each in tests)
