"""The command `kata`, and `python -m grader`."""

import os
import sys
from typing import NoReturn

from grader import lane

_STANDARD = (0, 1, 2)


def main() -> NoReturn:
    """Run the command and exit with its code."""
    _open_what_is_closed()
    if sys.argv[1:2] == ["grade"] and not {"-h", "--help"} & set(sys.argv):
        lane.warm(lane.cores())
    from grader import cli  # noqa: PLC0415  it imports while the judges do

    cli.main()


def _open_what_is_closed() -> None:
    """Nothing of ours may come by the number of a standard stream: whoever prints would write into it."""
    for number in _STANDARD:
        try:
            os.fstat(number)
        except OSError:
            while os.open(os.devnull, os.O_RDWR) < number:
                pass


if __name__ == "__main__":
    main()
