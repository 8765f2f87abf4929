"""The YAML head of a Markdown file, read into a typed value."""

from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

from grader.content import source_files
from grader.content.source_files import place
from grader.model import GraderError

T = TypeVar("T")


def split(path: Path) -> tuple[dict[str, object], str]:
    """Split a Markdown file into its front matter and its text. Raises GraderError if it has no front matter."""
    text = source_files.text(path)
    if not text.startswith("---\n"):
        raise GraderError(f"{place(path)} has no front matter: its first line must be ---")
    head, closed, body = text[4:].partition("\n---\n")
    facts = parse(head, path, first_line=2) if closed else None
    if not isinstance(facts, dict):
        raise GraderError(f"{place(path)}: the front matter must be `name: value` lines that end with a line ---")
    return facts, body.lstrip("\n")


def typed(facts: dict[str, object], kind: type[T], path: Path, form: str) -> T:
    """Make a value of this type. Raises GraderError with the file, the place in it, and the right form."""
    try:
        return msgspec.convert(facts, kind)
    except msgspec.ValidationError as error:
        raise GraderError(f"{place(path)}: front matter: {error}. {form}") from None


def parse(text: str, path: Path, first_line: int = 1) -> object:
    """Parse YAML that begins at this line of a file. Raises GraderError, with the file and the line."""
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + first_line}" if error.problem_mark else ""
        raise GraderError(
            f"{place(path)}{line} is not YAML: {error.problem}. "
            "Put a text that has a colon, a bracket or a quote into quotes"
        ) from None
    except yaml.YAMLError as error:
        raise GraderError(f"{place(path)} is not YAML: {' '.join(str(error).split())}") from None
