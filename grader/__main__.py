"""The command `kata`, and `python -m grader`."""

import sys
from typing import NoReturn

_STOPPED = 130


def main() -> NoReturn:
    """Run the command and exit with its code."""
    try:
        from grader.grading import judge_process  # noqa: PLC0415  Ctrl-C is answered from the first moment on
        from grader.process import keep_standard_streams  # noqa: PLC0415

        keep_standard_streams()
        if sys.argv[1:2] == ["grade"] and not {"-h", "--help"} & set(sys.argv):
            judge_process.warm(judge_process.cores())
        from grader import cli  # noqa: PLC0415  it imports while the judges do
    except KeyboardInterrupt:
        sys.exit(_STOPPED)
    cli.main()


if __name__ == "__main__":
    main()
