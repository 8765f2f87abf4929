"""Checks what a fork that judges says, before it goes into a report. A hostile answer may have taken the fork over."""

import msgspec

from grader.model import Reason, Verdict, reasons
from grader.protocol import codes

_LONGEST = 1e6
"""Seconds."""
_TEXT = 1 << 16
"""Characters of a text in a verdict."""
_KNOWN = {**reasons.REASONS, **codes.UNSENDABLE, **codes.UNREADABLE, **codes.WORKER}
"""Every reason that there is."""


def checked_verdict(verdict: Verdict) -> Verdict:
    """The verdict, its texts cut. Raises ValueError for a reason or seconds that could not be shown."""
    checked_seconds(verdict.seconds)
    cut = {name: getattr(verdict, name)[:_TEXT] for name in ("call", "returned", "expected", "trace")}
    return msgspec.structs.replace(verdict, reason=checked_reason(verdict.reason), **cut)


def checked_reason(reason: Reason | None) -> Reason | None:
    """The reason, its texts cut. Raises ValueError for one that nobody declared, or that could not be shown."""
    if reason is None:
        return None
    if not reasons.fits(reason, _KNOWN):
        raise ValueError(f"a reason that is none: {reason.code[:80]!r}")
    return reason.with_texts(lambda text: text[:_TEXT])


def checked_seconds(seconds: float) -> float:
    """The seconds. Raises ValueError for infinity and the like: a report with them in it could not be read again."""
    if not abs(seconds) < _LONGEST:
        raise ValueError("seconds that are no number of seconds")
    return seconds
