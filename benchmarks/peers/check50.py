"""check50: a check a function, each in a process of a pool, with a copy of the submission's folder."""

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks import frozen
from benchmarks.peers.peer import Peer, Tools, placed
from benchmarks.processes import Command

_CONFIG = """check50:
  checks: __init__.py
  files:
    - !exclude "*"
    - !require {kata}.py
"""
_HEAD = '''import check50
import check50.py

learner = None


def asked(name):
    """A function of the learner's, found when it is called."""
    return lambda *args, **kwargs: getattr(learner, name)(*args, **kwargs)


def judged(test):
    """Run one check; a failed one raises what check50 calls a failure."""
    global learner
    try:
        learner = check50.py.import_("{kata}.py")
        test()
    except (Exception, pytest.fail.Exception) as error:
        raise check50.Failure(f"{{type(error).__name__}}: {{error}}"[:200])


{names} = map(asked, {quoted})
'''
_CHECK = '''

@check50.check({after}timeout=60)
def check_{name}():
    """{name}"""
    judged({name})
'''


class Check50(Peer):
    """One run a submission, on local checks; one worker of its own where several run side by side."""

    name = "check50"
    packages = ("check50",)

    def files(self) -> dict[str, str]:
        """One module: what the checks import of the learner, the checks, and a function of check50's for each."""
        names = frozen.learner_names()
        head = _HEAD.format(kata=frozen.KATA, names=", ".join(names), quoted=names)
        tests = [_CHECK.format(name=name, after="") for name in frozen.check_names()]
        module = frozen.checks_without_import() + "\n\n" + head + "".join(tests)
        return {"checks/__init__.py": module, "checks/.cs50.yml": _CONFIG.format(kata=frozen.KATA)}

    def lay(self, template: Path, submissions: Sequence[Path], folder: Path, tools: Tools) -> list[Command]:
        """One run a submission."""
        commands = []
        for submission in submissions:
            own = placed(submission, folder, f"{frozen.KATA}.py")
            told = ("--dev", "--log-level", "warning", "-o", "json", "--output-file", str(own / "result.json"))
            workers = {"CHECK50_WORKERS": "1"} if len(submissions) > 1 else {}
            commands.append(tools.command(own, "check50", *told, str(template / "checks"), **workers))
        return commands

    def passed(self, folder: Path, submission: Path) -> bool | None:
        """By the results of all checks; one that check50 itself failed at is no verdict."""
        result = folder / submission.stem / "result.json"
        if not result.exists():
            return None
        results = json.loads(result.read_text(encoding="utf-8")).get("results", [])
        outcomes = [each["passed"] for each in results]
        if len(outcomes) != len(frozen.check_names()) or None in outcomes:
            return None
        return all(outcomes)
