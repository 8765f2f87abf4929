"""Immutable value types of the domain, and its errors. They flow one way: Submission, Job, Verdict, Report."""

from grader.model.checks import POINTS, Check, Group, Outcome, Verdict
from grader.model.conditions import Examples, Limits, Versions
from grader.model.errors import GraderError, UsageError
from grader.model.events import Done, Event, Judged, Planned, Running
from grader.model.jobs import Extent, ForAudit, Job
from grader.model.katas import Kata, Level
from grader.model.reasons import Reason
from grader.model.reports import KataReport, Report, Score, Status
from grader.model.submissions import Source, Submission, Unread

__all__ = [
    "POINTS",
    "Check",
    "Done",
    "Event",
    "Examples",
    "Extent",
    "ForAudit",
    "GraderError",
    "Group",
    "Job",
    "Judged",
    "Kata",
    "KataReport",
    "Level",
    "Limits",
    "Outcome",
    "Planned",
    "Reason",
    "Report",
    "Running",
    "Score",
    "Source",
    "Status",
    "Submission",
    "Unread",
    "UsageError",
    "Verdict",
    "Versions",
]
