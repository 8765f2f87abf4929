"""The terminal report and the progress line: how they look, and that no text can do harm."""

import io
import re
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from grader.model import (
    Check,
    Done,
    Group,
    Judged,
    KataReport,
    Outcome,
    Planned,
    Reason,
    Report,
    Running,
    Status,
    Verdict,
)
from grader.reports import terminal
from grader.reports.progress import Progress
from grader.reports.streams import Stream
from grader.reports.terminal import render

anything = st.text(st.characters(codec=None, exclude_categories=()))
HARMFUL = "[bold red]m[/] [link=http://x]:smile: \x1b[2J\x1b]0;t\x07 \x9b31m \u202egnp.exe \u2066 \x00\r\ud800 \u200b"


def piped(width: int = 80, encoding: str = "utf-8") -> Console:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    return Console(file=file, width=width, force_terminal=False, color_system=None, _environ={})


def watched(width: int = 80) -> Console:
    return Console(file=io.StringIO(), width=width, height=25, force_terminal=True, color_system=None, _environ={})


def printed(report: Report, console: Console, failures: int = 3) -> str:
    render(report, console, failures=failures)
    console.file.seek(0)
    return console.file.read()


def one_failure(**text: str) -> Report:
    """Of a check whose own words are `note`."""
    check = Check("test_a", text.pop("says", "It adds."), Group.EDGES, 3)
    submission = text.pop("submission", "ada")
    reason = Reason("check_says", {"text": text.pop("note")}) if "note" in text else None
    verdict = Verdict("test_a", Outcome.FAILED, reason=reason, **text)
    kata = KataReport("t/k", Status.FAILED, (check,), (verdict,))
    return Report(submission, "0" * 64, Status.FAILED, "bare", 7, "2026-01-31T08:05:09+00:00", 1.0, (kata,))


@pytest.mark.parametrize("name", ["passing", "failing", "faulty", "unreadable", "lacking"])
def test_looks_as_ever(name: str, request: pytest.FixtureRequest, golden: Callable[[str, str], None]):
    golden(f"{name}.txt", printed(request.getfixturevalue(name), piped()))


def test_ascii_is_enough(failing: Report, golden: Callable[[str, str], None]):
    golden("failing.ascii.txt", printed(failing, piped(encoding="ascii")))


@pytest.mark.parametrize(("encoding", "golden_file"), [("ascii", "failing.ascii.txt"), ("utf-8", "failing.txt")])
def test_a_page_has_the_characters_of_the_stream(
    encoding: str,
    golden_file: str,
    failing: Report,
    golden: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("COLUMNS", "80")
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    terminal.Writer(Stream(file, "a stream")).write(failing)
    golden(golden_file, file.buffer.getvalue().decode(encoding))


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk"])
def test_a_poor_encoding_shows_escapes(encoding: str):
    text = printed(one_failure(says="Größer ≥ 0", returned="\U0001f600"), piped(encoding=encoding))
    assert r"\U0001f600" in text


@pytest.mark.parametrize("width", [1, 2, 9, 20, 40, 80, 120, 300])
@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_any_width_will_do(width: int, encoding: str, failing: Report):
    lines = printed(failing, piped(width, encoding)).splitlines()
    assert max(map(cell_len, lines)) <= width


def test_a_wide_terminal_has_the_same_sentences_on_fewer_lines(failing: Report):
    narrow, wide = (printed(failing, piped(width)) for width in (80, 120))
    assert len(wide.splitlines()) < len(narrow.splitlines())
    assert wide.count("deviations.") == narrow.count("deviations.") == 2


def test_nothing_is_said_by_colour_alone(failing: Report):
    lines = printed(failing, piped()).splitlines()
    words = ("passed", "failed", "raised", "timed out", "crashed", "not run")
    rows = [line for line in lines if re.search(r"\d/\d+$", line) and "──" not in line]
    assert len(rows) == 17
    assert all(re.match(rf"[✓✗!-]  .*  ({'|'.join(words)}) +\d/\d$", row) for row in rows)
    assert {word for word in words for row in rows if f"  {word} " in row} == set(words)


@pytest.mark.parametrize(
    ("most", "shown", "left"), [(0, 0, ""), (1, 1, "6 more checks"), (3, 3, "4 more checks"), (9, 6, "1 more check")]
)
def test_as_many_failures_are_shown_as_asked_for(most: int, shown: int, left: str, failing: Report):
    text = printed(failing, piped(), most)
    assert len(re.findall(r"^[✗!]  [a-z ]+: ", text, re.MULTILINE)) == shown
    assert re.findall(r"^(\d more checks?) did not pass\.$", text, re.MULTILINE) == ([left] if left else [])


def test_one_reason_is_told_once(failing: Report):
    kata = failing.katas[0]
    reason = Reason("raised", {"kind": "SyntaxError", "text": "invalid syntax", "line": 3})
    verdicts = tuple(Verdict(check.name, Outcome.RAISED, reason=reason) for check in kata.checks)
    text = printed(msgspec.structs.replace(failing, katas=(msgspec.structs.replace(kata, verdicts=verdicts),)), piped())
    assert text.count("SyntaxError") == 1
    assert "14 more checks did not pass." in text


def test_a_failure_is_told_in_full():
    text = printed(one_failure(call="add(1, 2)\nadd(3, 4)", returned="-1", expected="7", note="It subtracts."), piped())
    block = """\
✗  failed: It adds.
   call      add(1, 2)
             add(3, 4)
   returned  -1
   expected  7
   note      It subtracts.
"""
    assert block in text


def test_what_is_for_staff_stays_out(failing: Report):
    assert "hidden file" not in printed(failing, piped(), 9)


def test_a_value_without_end_is_cut():
    text = printed(one_failure(returned="9" * 10_000_000, note="x\n" * 10_000), piped())
    assert "... 10,000,000 characters in all" in text
    assert "... 19,999 characters in all" in text
    assert len(text.splitlines()) < 60


def test_markup_and_escape_sequences_are_text(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(terminal, "WIDEST", 300)
    report = one_failure(says=HARMFUL, submission=HARMFUL, call=HARMFUL, returned=HARMFUL, note=HARMFUL)
    text = printed(report, piped(300))
    assert text.count("[bold red]m[/] [link=http://x]:smile:") == 6
    assert text.count(r"\x1b[2J\x1b]0;t\x07 \x9b31m \u202egnp.exe \u2066 \x00") == 6
    assert text.count(r"\x00\r\ud800 \u200b") == 3
    assert all(char.isprintable() or char == "\n" for char in text)


@given(anything)
def test_no_text_can_do_harm(text: str):
    report = one_failure(says=text, submission=text, call=text, returned=text, expected=text, note=text)
    for encoding in ("utf-8", "ascii"):
        shown = printed(report, piped(encoding=encoding))
        assert all(char.isprintable() or char == "\n" for char in shown)
        assert max(map(cell_len, shown.splitlines())) <= 80


def test_a_colour_terminal_gets_colours_and_nothing_else(failing: Report):
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system="standard", _environ={})
    plain = re.sub(r"\x1b\[[\d;]*m", "", printed(failing, console))
    assert plain == printed(failing, piped())


PLAN = (Check("test_a", "It adds.", Group.EDGES, 3), Check("test_b", "It [b]subtracts[/b].\x1b[2J", Group.EDGES, 3))


def screen(text: str) -> list[str]:
    """What a terminal shows after what Progress writes, blank lines left out."""
    lines, row = [""], 0
    for part in re.findall(r"\x1b\[\??\d+[A-Za-z]|\r|\n|[^\x1b\r\n]+", text):
        match part:
            case "\n":
                row += 1
                lines += [""] * (row == len(lines))
            case "\x1b[1A":
                row -= 1
            case "\x1b[2K":
                lines[row] = ""
            case _ if part[0] not in "\r\x1b":
                lines[row] += part
    return [line.rstrip() for line in lines if line.strip()]


def progress(*events: Planned | Running | Judged | Done, who: tuple[str, ...] = ("k",), width: int = 80) -> list[str]:
    """What is on the screen after some events."""
    console = watched(width)
    with Progress(console, frame=0) as shown:
        for submission in who:
            for event in events:
                shown.on(submission, event)
        text = console.file.getvalue()
    assert screen(console.file.getvalue()) == []
    return screen(text)


FIRST = (Planned("t/k", PLAN), Running("t/k", "test_a"))
SECOND = (*FIRST, Judged("t/k", Verdict("test_a", Outcome.PASSED)), Running("t/k", "test_b"))
LAST = (*SECOND, Judged("t/k", Verdict("test_b", Outcome.FAILED)), Done("t/k", KataReport("t/k", Status.FAILED)))


def test_progress_says_what_runs():
    assert progress(*FIRST) == ["t/k  check 1 of 2  It adds."]
    assert progress(*SECOND) == [r"t/k  check 2 of 2  It [b]subtracts[/b].\x1b[2J"]
    assert progress(*LAST[:-1]) == [r"t/k  check 2 of 2  It [b]subtracts[/b].\x1b[2J"]


def test_progress_shows_the_end_of_a_path_since_a_class_begins_alike():
    (line,) = progress(*FIRST, who=("somewhere/far/away/class/chloe/b.py",))
    assert line == "...ar/away/class/chloe/b.py  t/k  check 1 of 2  It adds."


def test_progress_is_not_drawn_again_within_a_frame():
    console = watched()
    with Progress(console, frame=float("inf")) as shown:
        shown.on("k", FIRST[0])
        assert "check" not in console.file.getvalue()


def test_progress_forgets_what_is_done():
    assert progress(*LAST) == []


def test_progress_shows_several_at_once():
    assert progress(*FIRST, who=("ada", "bob")) == [
        "ada  t/k  check 1 of 2  It adds.",
        "bob  t/k  check 1 of 2  It adds.",
    ]


def test_progress_begins_anew_with_a_new_plan():
    assert progress(*SECOND, *FIRST) == ["t/k  check 1 of 2  It adds."]


def test_progress_bears_an_event_without_a_plan():
    assert progress(Running("t/k", "test_a")) == ["t/k  check 0 of 0  test_a"]
    assert progress(Done("t/k", KataReport("t/k", Status.ERROR))) == []


def test_progress_stays_on_one_line():
    plan = (Check("test_a", "long " * 100, Group.EDGES, 3),)
    (line,) = progress(Planned("t/k", plan), Running("t/k", "test_a"), who=("\x1b[2J" * 100,), width=70)
    assert line.startswith(r"...\x1b[2J\x1b[2J")
    assert line.endswith("…")
    assert cell_len(line) == 70


@pytest.mark.parametrize("terminal", [False, True])
def test_progress_is_silent_where_nobody_watches(terminal: bool):
    dumb = {"TERM": "dumb"} if terminal else {}
    console = Console(file=io.StringIO(), width=80, force_terminal=terminal, _environ=dumb)
    with Progress(console, frame=0) as shown:
        shown.on("k", Planned("t/k", PLAN))
        shown.on("k", Running("t/k", "test_a"))
        shown.on("k", Done("t/k", KataReport("t/k", Status.PASSED)))
    assert console.file.getvalue() == ""
