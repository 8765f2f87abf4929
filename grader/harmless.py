"""Text of a learner's, made safe to show: it is data, whatever it holds."""


def harmless(text: str) -> str:
    """The text with what acts on a terminal, or can't be seen, written as an escape; line ends stay."""
    if text.isprintable():
        return text
    return "".join(char if char == "\n" or char.isprintable() else _escape(char) for char in text)


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


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
