"""The catalogue and a statement, for reading."""

from collections.abc import Sequence

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from grader import catalog
from grader.model import Kata


def table(katas: Sequence[Kata]) -> Table:
    """All katas, one a row."""
    rows = Table(box=SIMPLE_HEAD, pad_edge=False)
    rows.add_column("kata", no_wrap=True)
    rows.add_column("title", overflow="fold")
    rows.add_column("level")
    rows.add_column("min", justify="right")
    rows.add_column("questions")
    for kata in katas:
        rows.add_row(Text(kata.id), Text(kata.title), kata.level, str(kata.minutes), ", ".join(kata.questions))
    return rows


def as_json(katas: Sequence[Kata]) -> str:
    """All katas as one JSON array."""
    facts = ("title", "questions", "level", "minutes", "imports", "after", "sources")
    listed = [{"kata": kata.id, **{name: getattr(kata, name) for name in facts}} for kata in katas]
    return msgspec.json.encode(listed).decode()


def statement(kata: Kata) -> RenderableType:
    """The statement, with what its front matter says on one line above it."""
    _, text = catalog.front_matter(kata.statement)
    allowed = ", ".join(kata.imports) or "none"
    facts = f"{kata.id} · {kata.level} · {kata.minutes} min · {', '.join(kata.questions)} · imports: {allowed}"
    return Group(
        Text(facts, style="dim"), Text(), Markdown(text), Text(f"\nStart: kata start {kata.name} --into my-katas")
    )
