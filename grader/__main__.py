"""The command `kata`, and `python -m grader`."""

import sys
from typing import NoReturn

from grader.grading import judge_process
from grader.process import keep_standard_streams


def main() -> NoReturn:
    """Run the command and exit with its code."""
    keep_standard_streams()
    if sys.argv[1:2] == ["grade"] and not {"-h", "--help"} & set(sys.argv):
        judge_process.warm(judge_process.cores())
    from grader import cli  # noqa: PLC0415  it imports while the judges do

    cli.main()


if __name__ == "__main__":
    main()
