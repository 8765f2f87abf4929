"""The third-party libraries that a kata may allow, and how a stub says which it does."""

from collections.abc import Sequence

LIBRARIES = ("numpy", "pandas", "scipy", "sklearn", "keras")
"""What the front matter of a statement may list under `imports`. The standard library is always allowed."""


def stub_line(allowed: Sequence[str]) -> str:
    """Write the line of a stub's docstring that says what may be imported."""
    others = [name for name in LIBRARIES if name not in allowed]
    refused = f", such as {_listed(others, 'or')}" if others else ""
    return f"You may import {_listed(['the standard library', *allowed], 'and')}; no other library{refused}."


def _listed(names: Sequence[str], word: str) -> str:
    *most, last = names
    return f"{', '.join(most)} {word} {last}" if most else last
