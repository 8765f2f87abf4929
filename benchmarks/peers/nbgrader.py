"""nbgrader: a notebook with a cell to fill in and a cell for each check, graded by `nbgrader autograde`."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from shutil import copytree
from typing import Any

from benchmarks import frozen
from benchmarks.peers.peer import Peer, Tools
from benchmarks.processes import Command

# nbgrader takes a warning in a check's cell for a failure, and right submissions may warn.
_CHECKS = """import sys, types, warnings

warnings.simplefilter("ignore")
learner = types.SimpleNamespace({names})
sys.modules[{kata!r}] = learner
checks = types.ModuleType("checks")
exec(compile({text!r}, "checks.py", "exec"), checks.__dict__)
"""
_JUDGED = '''
def judged(test):
    """Run one check; nbgrader takes an exception for a failure, and pytest's isn't one."""
    try:
        test()
    except checks.pytest.fail.Exception as error:
        raise AssertionError(str(error)) from None
'''
_GRADES = """
select student.id, sum(grade.auto_score), count(grade.auto_score)
from grade
join submitted_notebook on grade.notebook_id = submitted_notebook.id
join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id
join student on submitted_assignment.student_id = student.id
group by student.id
"""


class Nbgrader(Peer):
    """One run a batch: a course of which each submission is a student."""

    name = "nbgrader"
    packages = ("nbgrader", "ipykernel")

    def files(self) -> dict[str, str]:
        """The instructor's notebook and the course's configuration."""
        names = ", ".join(f"{name}={name}" for name in frozen.learner_names())
        text = frozen.CHECKS.read_text(encoding="utf-8")
        setup = _CHECKS.format(names=names, kata=frozen.KATA, text=text) + _JUDGED
        solution = f"### BEGIN SOLUTION\n{frozen.REFERENCE.read_text(encoding='utf-8')}\n### END SOLUTION"
        cells = [_cell("solution", solution, points=None)]
        for number, name in enumerate(frozen.check_names()):
            hidden = f"{'' if number else setup}judged(checks.{name})"
            source = f"# {name}\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
            cells.append(_cell(name, source, points=1))
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
        return {
            "source/ps1/ps1.ipynb": json.dumps(notebook),
            "nbgrader_config.py": "c = get_config()\nc.CourseDirectory.course_id = 'kata'\n",
        }

    def built(self, template: Path, tools: Tools) -> list[Command]:
        """Make the students' version, and the gradebook."""
        return [tools.command(template, "nbgrader", "generate_assignment", "ps1", "--create")]

    def lay(self, template: Path, submissions: Sequence[Path], folder: Path, tools: Tools) -> list[Command]:
        """One run for all of them."""
        course = folder / f"course_{submissions[0].stem}"
        copytree(template, course)
        released = json.loads((template / "release" / "ps1" / "ps1.ipynb").read_text(encoding="utf-8"))
        for submission in submissions:
            cell = next(each for each in released["cells"] if each["metadata"]["nbgrader"]["grade_id"] == "solution")
            cell["source"] = submission.read_text(encoding="utf-8")
            student = course / "submitted" / submission.stem / "ps1"
            student.mkdir(parents=True)
            (student / "ps1.ipynb").write_text(json.dumps(released), encoding="utf-8")
        return [tools.command(course, "nbgrader", "autograde", "ps1", "--create", "--force")]

    def passed(self, folder: Path, submission: Path) -> bool | None:
        """By the sum of points in the gradebook."""
        total = len(frozen.check_names())
        for gradebook in folder.glob("course_*/gradebook.db"):
            with closing(sqlite3.connect(gradebook)) as connection:
                for student, score, graded in connection.execute(_GRADES):
                    if student == submission.stem:
                        return bool(score == total) if graded == total else None
        return None


def _cell(name: str, source: str, points: int | None) -> dict[str, Any]:
    facts: dict[str, Any] = {"grade_id": name, "schema_version": 3, "task": False, "cell_type": "code"}
    facts |= {"solution": points is None, "grade": points is not None, "locked": points is not None}
    if points is not None:
        facts["points"] = points
    shape: dict[str, Any] = {
        "cell_type": "code",
        "id": name.replace("_", "-")[:64],
        "execution_count": None,
        "outputs": [],
    }
    return {**shape, "metadata": {"nbgrader": facts}, "source": source}
