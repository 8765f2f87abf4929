"""The command `kata`, and `python -m grader`."""

import os
import sys
from typing import NoReturn

from grader import lane


def main() -> NoReturn:
    """Run the command and exit with its code."""
    _occupy_standard_descriptors()
    if sys.argv[1:2] == ["grade"] and not {"-h", "--help"} & set(sys.argv):
        lane.warm(lane.cores())
    from grader import cli  # noqa: PLC0415  it imports while the judges do

    cli.main()


def _occupy_standard_descriptors() -> None:
    """Where one is closed, the next file or socket opened would get its number, and what is meant for people."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


if __name__ == "__main__":
    main()
