"""The report formats. To add one, write a module with a `ReportWriter` and add a line to `FORMATS`."""

import pkgutil
from collections.abc import Mapping
from typing import NamedTuple, cast

from grader.reports.writer import ReportWriter, ResumableWriter


class Format(NamedTuple):
    """A report format, as `kata grade --help` lists it."""

    writer: str
    """`module:class`. Only the chosen format is imported, so that the command starts fast."""
    description: str


FORMATS: Mapping[str, Format] = {
    "terminal": Format("grader.reports.terminal:Writer", "for people"),
    "json": Format("grader.reports.json_file:Writer", "for machines, one report a line"),
}
DEFAULT = "terminal"


def writer_class(name: str) -> type[ReportWriter]:
    """Import the writer of a format. Raises KeyError for a name that is not in `FORMATS`."""
    return cast("type[ReportWriter]", pkgutil.resolve_name(FORMATS[name].writer))


def resumable() -> list[str]:
    """The formats that `--resume` works with. This imports every format."""
    return [name for name in FORMATS if issubclass(writer_class(name), ResumableWriter)]


def descriptions() -> str:
    """All formats in one line, for help texts."""
    return "; ".join(f"{name}: {each.description}" for name, each in FORMATS.items())
