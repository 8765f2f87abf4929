"""What a verdict says, for any format of reports."""

from typing import Any

from grader.model import Reason, Verdict
from grader.sentences import ENGLISH, Catalogue
from grader.text import encodable


def account(verdict: Verdict, catalogue: Catalogue = ENGLISH) -> str:
    """Why the check did not pass, as plain text: what was asked, what came back, and the reason."""
    parts = (
        verdict.call,
        verdict.returned and f"returned: {verdict.returned}",
        verdict.expected and f"expected: {verdict.expected}",
        sentence(verdict, catalogue),
    )
    return "\n".join(part for part in parts if part)


def sentence(verdict: Verdict, catalogue: Catalogue = ENGLISH) -> str:
    """The verdict's reason in words; empty where it has none."""
    return catalogue.sentence(verdict.reason) if verdict.reason else ""


def coded(verdict: Verdict | None) -> dict[str, Any]:
    """The verdict's reason for programs: its code, or None, and its arguments; an argument may be a reason itself."""
    found = verdict.reason if verdict else None
    return {"reason_code": found.code if found else None, "reason_arguments": _plain(found) if found else {}}


def _plain(told: Reason) -> dict[str, Any]:
    return {
        name: {"code": value.code, "arguments": _plain(value)} if isinstance(value, Reason) else value
        for name, value in told.with_texts(encodable).arguments.items()
    }
