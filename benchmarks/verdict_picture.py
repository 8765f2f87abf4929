"""Draws docs/verdict.svg, the README's picture of a verdict: `python benchmarks/verdict_picture.py`."""

import io
from pathlib import Path

from rich.console import Console

from grader.content import catalog
from grader.grading.grade import Options, grade, pool_for
from grader.model import Source, Submission
from grader.reports import terminal
from grader.sandbox.backends import registry

PICTURE = Path(__file__).resolve().parents[1] / "docs/verdict.svg"
LEFT_OUT = "np.fill_diagonal(similarity, 0.0)"
WIDTH = 84


def main() -> None:
    """Grade the reference less the line that keeps users from voting for themselves."""
    kata = catalog.find("user_cf")
    code = kata.reference.read_text(encoding="utf-8")
    if LEFT_OUT not in code:
        raise SystemExit(f"the reference has no line {LEFT_OUT}")
    source = Source(kata.id, code.replace(LEFT_OUT, "pass").encode(), "user_cf.py")
    options = Options(registry.resolve("auto"))
    with pool_for(options) as pool:
        (report,) = grade([Submission("user_cf", "", (source,))], options, pool)
    console = Console(width=WIDTH, record=True, file=io.StringIO(), force_terminal=True)
    terminal.render(report, console, failures=2)
    console.save_svg(str(PICTURE), title="kata grade user_cf.py")


if __name__ == "__main__":
    main()
