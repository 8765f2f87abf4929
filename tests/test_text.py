"""What a terminal gets to see of a learner's text."""

import pytest

from grader.text import harmless


@pytest.mark.parametrize(
    "text", ["plain", "two\nlines", "naïve", "e\u0301", "a\u0323\u0302", "中文", "नमस्ते", "x\u0301\u0302y\u0301\u0302"]
)
def test_text_that_people_write_stays(text: str) -> None:
    assert harmless(text) == text


def test_a_letter_carries_two_marks_at_most() -> None:
    assert harmless("a" + "\u0301" * 5 + "b") == "a\u0301\u0301" + r"\u0301" * 3 + "b"


@pytest.mark.parametrize("before", ["", "\n", "\u200b"])
def test_a_mark_without_a_letter_is_written_out(before: str) -> None:
    assert harmless(f"{before}\u0336x").endswith(r"\u0336x")


@pytest.mark.parametrize("mark", ["\u0336", "\u20dd", "\u0903", "\u0e47", "\U0001d165"])
def test_every_kind_of_mark_counts(mark: str) -> None:
    assert harmless("a" + mark * 40).count(mark) == 2


def test_marks_of_different_kinds_count_together() -> None:
    shown = harmless("a" + "\u0337\u0336\u0310" * 20)
    assert shown.startswith("a\u0337\u0336\\u0310")


UNSEEN = """
    200b 200d 2060 feff ad 202e 2066 2028 85 9b 1b d 7f 3164 ffa0 115f 2800 34f fe0f 180e e0041 e0100 a0 d800
"""


@pytest.mark.parametrize("unseen", [chr(int(code, 16)) for code in UNSEEN.split()])
def test_what_cannot_be_seen_is_written_out(unseen: str) -> None:
    shown = harmless(f"a{unseen}b")
    assert unseen not in shown
    assert shown.startswith("a\\")
    assert shown.endswith("b")


def test_marks_cannot_hide_behind_what_is_unseen() -> None:
    assert harmless("a" + "\u0301\u200d" * 10).count("\u0301") == 2
