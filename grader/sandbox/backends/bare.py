"""No sandbox: a plain process with limits, for systems that have nothing better and code that is trusted."""

import sys
from typing import Any


def command(zygote: list[str], _told: dict[str, Any]) -> list[str]:
    """The command of a slot's first process, given the interpreter's arguments for it."""
    return [sys.executable, *zygote]
