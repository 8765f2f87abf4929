"""No sandbox: a plain process with limits, for systems that have nothing better and code that is trusted."""

import json
import sys
from typing import Any


def command(told: dict[str, Any]) -> list[str]:
    """The command of a slot's first process."""
    return [sys.executable, "-s", "-S", "-P", "-B", told["zygote"], json.dumps(told)]
