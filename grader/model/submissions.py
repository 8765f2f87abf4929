"""What somebody handed in."""

import msgspec


class Source(msgspec.Struct, frozen=True):
    """One file of a submission, meant for one kata."""

    kata: str
    code: bytes
    name: str
    """What the learner called it."""


class Submission(msgspec.Struct, frozen=True):
    """Everything that one person handed in."""

    name: str
    sha256: str
    sources: tuple[Source, ...]
    path: str = ""
    """As it was given: no two submissions of a run have the same."""
    missing: tuple[str, ...] = ()
    """Katas that were asked for by name and aren't there."""
    ignored: tuple[str, ...] = ()
    """Names of files that look as if they were meant to be graded, and aren't."""


class Unread(msgspec.Struct, frozen=True):
    """A submission of which there is nothing to judge."""

    path: str
    name: str
    reason: str
    """A sentence that names it and says what to do."""
    fault: str = ""
    """What went wrong in the grader, if it was that."""
