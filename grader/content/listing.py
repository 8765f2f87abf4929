"""Show the catalogue and one statement."""

from collections.abc import Sequence

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.content import front_matter
from grader.content.questions import QUESTIONS
from grader.model import Kata, UsageError


def table(katas: Sequence[Kata]) -> Table:
    """Make a table with a row for each kata, and a line between tracks."""
    rows = _table("kata", "title", "level", "min", "answers")
    for kata, following in zip(katas, [*katas[1:], None], strict=True):
        ends = following is not None and following.track != kata.track
        rows.add_row(*_cells(kata), " ".join(kata.questions), end_section=ends)
    return rows


def by_question(katas: Sequence[Kata]) -> Table:
    """Make a table of the katas under each question. A kata that answers several is under each of them."""
    rows = _table("kata", "title", "level", "min")
    for question, text in QUESTIONS.items():
        rows.add_row(Text(question, style="bold"), Text(text, style="bold"))
        answers = [_cells(kata) for kata in katas if question in kata.questions] or [(Text("none yet"),)]
        for cells in answers[:-1]:
            rows.add_row(*cells)
        rows.add_row(*answers[-1], end_section=True)
    return rows


def proposal(katas: Sequence[Kata], minutes: int) -> tuple[Kata, ...]:
    """Choose the katas that together answer most questions in this many minutes; among equals, the longest set.

    Raises UsageError if no kata fits.
    """
    sets: dict[tuple[frozenset[str], int], tuple[Kata, ...]] = {(frozenset(), 0): ()}
    for kata in katas:
        for (answered, spent), chosen in list(sets.items()):
            if spent + kata.minutes <= minutes:
                sets.setdefault((answered.union(kata.questions), spent + kata.minutes), (*chosen, kata))
    answered, spent = max(sets, key=lambda each: (len(each[0]), each[1]))
    if not spent:
        raise UsageError(f"no such kata fits into {minutes} minutes; `kata list` shows how long each takes")
    return sets[answered, spent]


def total(katas: Sequence[Kata]) -> Text:
    """Say how long a set takes, and how to start it."""
    return Text(f"{len(katas)} katas, {_minutes(katas)} minutes. Start: kata start {' '.join(k.name for k in katas)}")


def _table(*columns: str) -> Table:
    rows = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        rows.add_column(name, no_wrap=name == "kata", justify="right" if name == "min" else "left", overflow="fold")
    return rows


def _cells(kata: Kata) -> tuple[Text, ...]:
    after = Text(f" after {', '.join(kata.after)}" if kata.after else "", style="dim")
    return Text(kata.id), Text.assemble(kata.title, after), Text(kata.level), Text(str(kata.minutes))


def _minutes(katas: Sequence[Kata]) -> int:
    return sum(kata.minutes for kata in katas)


def as_json(katas: Sequence[Kata]) -> str:
    """Encode the katas as one JSON array."""
    facts = ("title", "questions", "level", "minutes", "imports", "after", "sources")
    listed = [{"kata": kata.id, **{name: getattr(kata, name) for name in facts}} for kata in katas]
    return msgspec.json.encode(listed).decode()


def statement(kata: Kata) -> RenderableType:
    """Render a statement under one line with the facts of its front matter."""
    from rich.markdown import Markdown  # noqa: PLC0415  the list of katas needs none of it

    _, text = front_matter.split(kata.statement)
    allowed = ", ".join(kata.imports) or "none"
    facts = f"{kata.id} · {kata.level} · {kata.minutes} min · {', '.join(kata.questions)} · imports: {allowed}"
    if kata.after:
        facts += f" · after: {', '.join(kata.after)}"
    return Group(
        Text(facts, style="dim"), Text(), Markdown(text), Text(f"\nStart: kata start {kata.name} --into my-katas")
    )
