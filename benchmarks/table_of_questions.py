"""The README's table of questions. Its topics are written by hand; the katas follow from the statements."""

import re
from collections.abc import Sequence

from grader.model import Kata

TABLE = re.compile(r"(?:^\| Q\d+ \|.*\n)+", re.MULTILINE)
_ROW = re.compile(r"\| (Q\d+) \| ([^|]+) \| ([^|]*) \|")


def table(before: str, katas: Sequence[Kata]) -> str:
    """The rows as they are, without katas that answer the question no more; new ones stand in its last row."""
    rows = [[question, topic, re.findall(r"`(\w+)`", names)] for question, topic, names in _ROW.findall(before)]
    for row in rows:
        row[2] = [name for name in row[2] if any(kata.name == name and row[0] in kata.questions for kata in katas)]
    for kata in katas:
        for question in kata.questions:
            of_question = [row for row in rows if row[0] == question]
            if of_question and not any(kata.name in row[2] for row in of_question):
                of_question[-1][2].append(kata.name)
    return "".join(
        f"| {question} | {topic} | {', '.join(f'`{name}`' for name in names)} |\n" for question, topic, names in rows
    )
