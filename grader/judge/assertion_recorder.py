"""Records what the message of a failed check needs: the first exception, and the operands of the failed comparison."""

from typing import Any

Operands = tuple[str, Any, Any]
"""An operator, the value on its left, the value on its right."""


class AssertionRecorder:
    """The failure of the test that is running. It is told by pytest's hooks, see `pytest_plugin`."""

    def __init__(self) -> None:
        self.operands: Operands | None = None
        self.error: BaseException | None = None

    def begin_test(self) -> None:
        """Forget the failure of an earlier test."""
        self.operands, self.error = None, None

    def begin_example(self) -> None:
        """Forget the comparison that failed on an earlier example."""
        self.operands = None

    def record_error(self, error: BaseException) -> None:
        """Keep the first exception of setup, call and teardown: it is the cause of the others."""
        if self.error is None:
            self.error = error

    def record_comparison(self, operator: str, left: object, right: object) -> None:
        """Keep the operands of a comparison that failed."""
        self.operands = (operator, left, right)
