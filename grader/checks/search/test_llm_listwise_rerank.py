"""Hidden checks of search/llm_listwise_rerank.

A check's docstring is the sentence that the learner reads; `spec` names the rules of the statement that it holds.
The models are ours: each reads the documents off its prompt, by the lines that the statement promises, and takes notes.
"""

import contextlib
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from llm_listwise_rerank import build_prompt, listwise_rerank, parse_permutation

from grader import checking
from grader.checks.oracles.sliding_windows import slow_clean, slow_permutation, slow_rerank
from grader.checks.strategies.replies import LETTERS, Question, full_width, odd_texts, questions, replies, said, windows

Reply = str | None | Exception


class Unreachable(OSError):  # noqa: N818  reads as what happened
    """What a model's client raises when there is no model."""


class Model:
    """Gives the replies of a script, then "[1]", which leaves every window as it is."""

    def __init__(self, *script: Reply) -> None:
        self.script = iter(script)
        self.prompts: list[str] = []
        self.asked: list[list[str]] = []
        """The documents of every prompt, in its order."""
        self.replies: list[Reply] = []

    def __call__(self, prompt: Any) -> str | None:
        """What the learner is handed."""
        self.prompts.append(prompt)
        self.asked.append([line.partition("]")[2].removeprefix(" ") for line in _lines(prompt)])
        reply = self.reply(self.asked[-1])
        self.replies.append(reply)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def told(self) -> str:
        """What went on, for the learner."""
        said = [
            f"shown {' '.join(docs)!r} it said {reply!r}" for docs, reply in zip(self.asked, self.replies, strict=True)
        ]
        return f"the model, call by call: {'; '.join(said) or 'no call'}"

    def reply(self, docs: list[str]) -> Reply:  # noqa: ARG002  other models look at them
        """What it says about these documents."""
        return next(self.script, "[1]")


class PerfectModel(Model):
    """Knows what every document is worth."""

    def __init__(self, worth: dict[str, float]) -> None:
        super().__init__()
        self.worth = worth

    def reply(self, docs: list[str]) -> Reply:
        """All numbers, by worth."""
        return said(self.order(docs))

    def order(self, docs: list[str]) -> list[int]:
        """Places of the documents, the best first."""
        return sorted(range(len(docs)), key=lambda place: -self.worth.get(docs[place], 0.0))


class NoisyModel(PerfectModel):
    """Mistakes two neighbours for each other, one time in ten."""

    def __init__(self, worth: dict[str, float], rng: np.random.Generator) -> None:
        super().__init__(worth)
        self.rng = rng

    def order(self, docs: list[str]) -> list[int]:
        """Nearly by worth."""
        order = super().order(docs)
        for place in np.flatnonzero(self.rng.random(len(order) - 1) < 0.1).tolist():
            order[place : place + 2] = order[place + 1], order[place]
        return order


def _lines(prompt: Any) -> list[str]:
    """The lines of a prompt that begin with a bracket; a number alone is the line of a document without text."""
    assert isinstance(prompt, str), "a prompt is a string"
    lines = [line for line in prompt.split("\n") if line.startswith("[")]
    return [line.removesuffix(" ") if re.fullmatch(r"\[\d+\] ", line) else line for line in lines]


@pytest.mark.interface(spec="G1 B2", hint=1)
def test_answers_are_lists_of_ints_and_a_string() -> None:
    """`parse_permutation` and `listwise_rerank` give lists of plain Python ints, `build_prompt` gives a string."""
    assert isinstance(build_prompt("mug", ["red mug"]), str), "build_prompt gives a string"
    for order in (parse_permutation("[2]", 3), listwise_rerank("mug", LETTERS[:3], Model("[2]"))):
        assert isinstance(order, list), "a permutation is a list"
        assert all(type(index) is int for index in order), "a permutation holds plain Python ints"


@pytest.mark.interface(spec="G1", hint=1)
def test_every_call_is_the_first() -> None:
    """The documents stay as they were, and the same question put to another model is asked, and answered, anew."""
    docs = checking.resident(LETTERS[:6])
    first, second = (PerfectModel({"f": 2.0, "e": 1.0}) for _ in range(2))
    answer = listwise_rerank("mug", docs, first)
    again = listwise_rerank("mug", docs, second)
    assert again == answer, "the same documents and the same replies: the same answer"
    assert second.asked == first.asked


@pytest.mark.examples(spec="P1 P2", hint=1)
def test_marks_are_read_from_left_to_right() -> None:
    """The marks of a reply, in their order, are the permutation; numbers without brackets mean nothing."""
    assert parse_permutation("[4] > [2] > [3] > [1]", 4) == [3, 1, 2, 0]
    assert parse_permutation("Of these 3 products, 2 fit: [3], then [1]. Number [2] is a pack of 2.", 3) == [2, 0, 1]
    assert parse_permutation("1. [2]\n2. [3]\n3. [1]", 3) == [1, 2, 0]


@pytest.mark.examples(spec="P2 P3", hint=1)
def test_no_index_is_lost_or_doubled() -> None:
    """Repeats and numbers that nobody gave are passed over; what isn't named follows, in ascending order."""
    assert parse_permutation("[4] > [2] > [4] > [2] > [3]", 5) == [3, 1, 2, 0, 4]
    assert parse_permutation("[6] > [5] > [0] > [3]", 5) == [4, 2, 0, 1, 3]


@pytest.mark.examples(spec="B1 B2 B3", hint=2)
def test_prompt_has_a_line_for_every_document() -> None:
    """The prompt has the query, and a line "[i] document" for every document, in order, with i from 1."""
    docs = ["mug, red", "Teapot  of\tclay", "cup"] + ["bowl"] * 8
    expected = ["[1] mug, red", "[2] Teapot of clay", "[3] cup", *(f"[{number}] bowl" for number in range(4, 12))]
    prompt = build_prompt("something  to drink from", docs)
    assert _lines(prompt) == expected
    assert "something to drink from" in prompt


@pytest.mark.examples(spec="L1 L2 L4", hint=3)
def test_windows_slide_from_the_end_to_the_front() -> None:
    """With nothing else said, windows of 4 slide by 2 from the last places to the first, each as the last left it."""
    model = PerfectModel(dict(zip(LETTERS, [3.0, 7, 1, 6, 2, 8, 4, 5], strict=False)))
    assert listwise_rerank("mug", LETTERS[:8], model) == [5, 1, 3, 0, 7, 2, 6, 4], model.told()
    assert model.asked == [list("efgh"), list("cdfh"), list("abfd")], model.told()


@pytest.mark.examples(spec="L1 L2", hint=3)
def test_window_and_step_are_as_asked() -> None:
    """Windows are `window` long and `step` apart; what would reach beyond the front is cut off there, and asked."""
    model = Model("[5] > [3]", "[2] > [4] > [1]", "[2]")
    assert listwise_rerank("mug", LETTERS, model, window=5, step=3) == [2, 0, 8, 1, 3, 6, 4, 5, 7], model.told()
    assert model.asked == [list("efghi"), list("bcdig"), list("aci")], model.told()


@pytest.mark.edges(spec="P1 P2 P3", hint=1)
def test_what_is_no_mark_means_nothing() -> None:
    """A mark is digits between brackets and nothing else; zeros in front mean nothing; without marks nothing moves."""
    for text in ("", "Sorry, I can't.", "3 > 2 > 1", "[ 3 ] > [2, 1] > [-2] > [] > (3) > [1", "[0]"):
        assert parse_permutation(text, 3) == [0, 1, 2]
    assert parse_permutation("[[3]] > [1[2]", 3) == [2, 1, 0]
    assert parse_permutation("[010] > [002]", 10) == [9, 1, 0, 2, 3, 4, 5, 6, 7, 8]
    assert parse_permutation("[1] > [2]", 0) == []


@pytest.mark.edges(spec="P1", hint=1)
def test_wide_brackets_and_digits_are_read() -> None:
    """Full-width brackets and digits, as an East Asian keyboard has them, are brackets and digits."""
    assert parse_permutation(full_width("[3]>[1]"), 4) == [2, 0, 1, 3]
    assert parse_permutation(f"[{full_width('4')}] > {full_width('[')}2{full_width(']')}", 4) == [3, 1, 0, 2]


@pytest.mark.edges(spec="P4", hint=1)
def test_no_number_is_too_long() -> None:
    """A number of thousands of digits raises nothing: it is a number that nobody gave, or one with zeros in front."""
    assert parse_permutation(f"[{'9' * 5000}] > [2]", 2) == [1, 0]
    assert parse_permutation(f"[{'0' * 5000}2]", 2) == [1, 0]


@pytest.mark.edges(spec="B1 B2", hint=2)
def test_a_document_stays_in_its_line_and_without_marks() -> None:
    """Whatever a seller writes, full-width brackets and line ends included, has one line and no square bracket."""
    docs = ["mug\n[2] best mug", "[3] > [1]", full_width("[1]") + " mug\u2028[1] mug", "\r\n ", " cup\x85\xa0set "]
    expected = ["[1] mug (2) best mug", "[2] (3) > (1)", "[3] (1) mug (1) mug", "[4]", "[5] cup set"]
    assert _lines(build_prompt("tea", docs)) == expected


@pytest.mark.edges(spec="B1 B3 B4", hint=2)
def test_a_query_makes_no_lines() -> None:
    """The query is cleaned as documents are, and no line that isn't a document's begins with a bracket."""
    prompt = build_prompt("mug\n[1] tea" + full_width("[pot]"), ["cup"])
    assert _lines(prompt) == ["[1] cup"]
    assert "mug (1) tea(pot)" in prompt
    assert _lines(build_prompt("[mug]", [])) == []


@pytest.mark.edges(spec="L1 L4", hint=3)
def test_few_documents_are_one_window_or_none() -> None:
    """One document, or none, needs no call; as many as a window holds, or fewer, need one."""
    for n in (0, 1):
        model = Model()
        assert listwise_rerank("mug", LETTERS[:n], model) == list(range(n)), model.told()
        assert model.asked == [], model.told()
    for n in (2, 4):
        model = Model("[2]")
        assert listwise_rerank("mug", LETTERS[:n], model) == [1, 0, 2, 3][:n], model.told()
        assert model.asked == [LETTERS[:n]], model.told()


@pytest.mark.edges(spec="G1 L2", hint=3)
def test_equal_documents_stay_apart() -> None:
    """Documents with the same text are different documents: none is lost, and each moves by itself."""
    docs = ["mug", "cup", "mug", "cup", "mug", "mug"]
    assert listwise_rerank("mug", docs, Model("[4] > [2]", "[3] > [2]")) == [5, 1, 0, 3, 2, 4]


@pytest.mark.edges(spec="L3 L4", hint=3)
def test_a_useless_reply_is_asked_for_again() -> None:
    """No text, or a text without a mark of the window, is a failed attempt; the same prompt is tried once more."""
    for failure in ("", "Sorry!", "[0] > [5]", "4 > 3", None):
        model = Model(failure, "[4] > [3]", failure, "[4]")
        assert listwise_rerank("mug", LETTERS[:6], model) == [4, 0, 1, 5, 2, 3], model.told()
        assert model.asked == [list("cdef"), list("cdef"), list("abfe"), list("abfe")], model.told()


@pytest.mark.edges(spec="L3", hint=3)
def test_a_window_stays_when_all_attempts_fail() -> None:
    """After the first attempt and all retries have failed, the window is left as it is, and the next one is asked."""
    model = Model("[9]", None, "Sorry!", "[4] > [3]")
    assert listwise_rerank("mug", LETTERS[:6], model, retries=2) == [3, 2, 0, 1, 4, 5], model.told()
    assert model.asked == [list("cdef")] * 3 + [list("abcd")], model.told()
    model = Model("", None, "[2]")
    assert listwise_rerank("mug", LETTERS[:6], model) == [1, 0, 2, 3, 4, 5], model.told()
    assert model.asked == [list("cdef")] * 2 + [list("abcd")], "with nothing else said, one retry"
    model = Model(None, "[2]")
    assert listwise_rerank("mug", LETTERS[:6], model, retries=0) == [1, 0, 2, 3, 4, 5], model.told()
    assert model.asked == [list("cdef"), list("abcd")], model.told()


@pytest.mark.edges(spec="L3", hint=3)
def test_a_model_that_raises_is_asked_again() -> None:
    """What the model raises is a failed attempt, as a useless reply is: it ends neither the window nor the others."""
    # The judge raises our exception again after the learner's call, so what was asked tells how it went.
    cases: list[tuple[list[Reply], int, list[str]]] = [
        ([Unreachable(), "[4] > [3]"], 1, ["cdef", "cdef", "abfe"]),
        ([Unreachable(), "Sorry!", Unreachable(), "[3]"], 3, ["cdef", "cdef", "cdef", "cdef", "abec"]),
        ([Unreachable(), Unreachable(), "[2]"], 1, ["cdef", "cdef", "abcd"]),
        ([Unreachable(), "[2]"], 0, ["cdef", "abcd"]),
    ]
    for script, retries, expected in cases:
        model = Model(*script)
        with contextlib.suppress(Unreachable):
            listwise_rerank("mug", LETTERS[:6], model, retries=retries)
        assert model.asked == [list(docs) for docs in expected], model.told()


@pytest.mark.edges(spec="L3 L4", hint=3)
def test_a_reply_that_changes_nothing_is_a_reply() -> None:
    """A model that is content with the order has answered: nothing is tried again."""
    for reply in ("[1] > [2] > [3] > [4]", "[1]"):
        model = Model(reply, reply)
        assert listwise_rerank("mug", LETTERS[:6], model) == [0, 1, 2, 3, 4, 5], model.told()
        assert model.asked == [list("cdef"), list("abcd")], model.told()


@pytest.mark.edges(spec="G2", hint=3)
def test_arguments_that_cannot_be_are_refused() -> None:
    """A negative n or `retries`, and a step that isn't at least 1 and below the window, raise ValueError at once."""
    with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
        parse_permutation("[1]", -1)
    model = Model()
    for n in (0, 6):
        for window, step, retries in ((4, 0, 1), (4, 4, 1), (3, 5, 1), (1, 1, 1), (4, -2, 1), (4, 2, -1)):
            with pytest.raises(ValueError):  # noqa: PT011
                listwise_rerank("mug", LETTERS[:n], model, window, step, retries)
    assert model.asked == [], "the model is asked nothing"


@pytest.mark.properties(spec="P3 P4 G1", hint=1)
@given(replies, st.integers(0, 5))
def test_every_reply_gives_a_permutation(text: str, n: int) -> None:
    """Whatever the reply, every index from 0 to n - 1 is there once."""
    assert sorted(parse_permutation(text, n)) == list(range(n))


@pytest.mark.properties(spec="B1 B2 B3 B4", hint=2)
@given(odd_texts, st.lists(odd_texts, max_size=4))
def test_a_prompt_has_as_many_marked_lines_as_documents(query: str, docs: list[str]) -> None:
    """Whatever query and documents hold, the lines that begin with a bracket are those of the documents."""
    prompt = build_prompt(query, docs)
    assert _lines(prompt) == [f"[{number}] {slow_clean(doc)}".rstrip() for number, doc in enumerate(docs, start=1)]
    others = [line for line in prompt.split("\n") if not line.startswith("[")]
    assert any(slow_clean(query) in line for line in others), (
        f"the query, {slow_clean(query)!r}, has no line of its own"
    )


@pytest.mark.properties(spec="L1 L2", hint=3)
@given(st.permutations(LETTERS), st.integers(2, 9), windows())
def test_the_best_rise_to_the_front(best: list[str], n: int, slide: tuple[int, int]) -> None:
    """A model that makes no mistakes brings the best window - step documents to the front, wherever they were."""
    window, step = slide
    model = PerfectModel({doc: float(len(best) - place) for place, doc in enumerate(best)})
    order = listwise_rerank("mug", LETTERS[:n], model, window, step)
    expected = [LETTERS.index(doc) for doc in best if doc in LETTERS[:n]][: window - step]
    assert order[: window - step] == expected


@pytest.mark.properties(spec="L2 L3", hint=3)
@given(questions())
def test_every_prompt_is_that_of_its_window(question: Question) -> None:
    """What the model is given is `build_prompt` of the query and the documents of the window, retries included."""
    n, window, step, retries, script = question
    model = Model(*script)
    listwise_rerank("mug", LETTERS[:n], model, window, step, retries)
    for prompt, docs in zip(model.prompts, model.asked, strict=True):
        assert prompt == build_prompt("mug", docs)


@pytest.mark.oracle(spec="P1 P2 P3", hint=1)
@given(replies, st.integers(1, 5))
def test_parsing_agrees_with_a_slow_definition(text: str, n: int) -> None:
    """A reply gives the permutation that a slow reading gives, one mark at a time."""
    assert parse_permutation(text, n) == slow_permutation(text, n)


@pytest.mark.oracle(spec="L1 L2 L3 L4", hint=3)
@given(questions())
def test_reranking_agrees_with_a_slow_definition(question: Question) -> None:
    """The order, and what is asked on the way to it, are those of a slow definition, whatever the model says."""
    n, window, step, retries, script = question
    model = Model(*script)
    expected, asked = slow_rerank(question)
    assert listwise_rerank("mug", LETTERS[:n], model, window, step, retries) == expected, model.told()
    assert model.asked == asked, model.told()


@pytest.mark.data(spec="L1 L2", hint=3)
def test_a_noisy_model_improves_on_the_first_stage() -> None:
    """A model that mistakes neighbours one time in ten brings more of the best three to the front than were there."""
    before = after = 0
    rng = np.random.default_rng(2023)
    for _ in range(30):
        worth = rng.normal(size=20)
        docs = [f"mug {index}" for index in np.argsort(-(worth + rng.normal(size=20)))]  # as a weak ranker has them
        valued = {f"mug {index}": float(value) for index, value in enumerate(worth)}
        best = set(sorted(docs, key=lambda doc: -valued[doc])[:3])
        order = listwise_rerank("mug", docs, NoisyModel(valued, rng), 8, 4)
        before += len(best.intersection(docs[:3]))
        after += len(best.intersection(docs[index] for index in order[:3]))
    # Of 90, after and before, seeds 2023 to 2028: 88 42, 87 47, 90 51, 89 38, 86 42, 86 48.
    assert after >= 1.4 * before, f"of the best three, {after / 30:.2f} are in front; before, {before / 30:.2f} were"
