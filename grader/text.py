"""Text of a learner's, made safe to show: it is data, whatever it holds."""

import unicodedata
from collections.abc import Iterator

_MARKS = 2
"""Combining characters that a letter may carry; a hundred of them paint over the lines above and below."""
_UNSEEN = frozenset(
    chr(code)
    for first, last in (
        (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2800, 0x2800), (0x3164, 0x3164),
        (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0x1D159, 0x1D159), (0xE0000, 0xE0FFF),
    )
    for code in range(first, last + 1)
)  # fmt: skip
"""Fillers, blanks and selectors of variants: printable by their category, and nothing is seen of them."""


def harmless(text: str) -> str:
    """The text with what acts on a terminal, or can't be seen, written as an escape; line ends stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(text))


def one_line(text: str, longest: int = 200) -> str:
    """The harmless text without line ends, cut."""
    shown = harmless(text[:longest]).replace("\n", "\\n")
    return shown if len(text) <= longest else f"{shown}..."


def quoted(name: str, longest: int = 60) -> str:
    """A name for use in a sentence: on one line, in quotes, cut."""
    return repr(name if len(name) <= longest else f"{name[:longest]}...")


def excerpt(text: str, longest: int = 1_000, most_lines: int = 16) -> str:
    """The harmless beginning of a text that may be endless, and how long it is in all."""
    # Cut before as well as after: an escape is up to ten characters long, and there may be millions.
    shown = harmless(text[:longest])
    lines = shown[:longest].split("\n")
    if len(text) <= longest and len(shown) <= longest and len(lines) <= most_lines:
        return shown
    return "\n".join([*lines[:most_lines], f"... {len(text):,} characters in all"])


def encodable(text: str) -> str:
    """The text with lone surrogates as escapes: neither JSON's readers nor MessagePack take them."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _shown(text: str) -> Iterator[str]:
    left = 0  # a mark without a letter would sit on what is shown before this text
    for char in text:
        if char.isascii():
            left = _MARKS if char.isprintable() else 0
            yield char if left or char == "\n" else _escape(char)
        elif not char.isprintable() or char in _UNSEEN:
            yield _escape(char)
        elif unicodedata.category(char)[0] != "M":
            left = _MARKS
            yield char
        else:
            left -= 1
            yield char if left >= 0 else _escape(char)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
