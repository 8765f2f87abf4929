"""What ends a command with a sentence instead of a traceback."""


class GraderError(Exception):
    """The grader's own fault: a submission that meets it has the status error and no score, never a zero."""


class UsageError(Exception):
    """What was asked can't be done; the message says what to do instead."""
