"""Hidden checks of search/ranking_metrics.

A check's docstring is the sentence that the learner reads; `spec` names the rules of the statement that it holds.
"""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from ranking_metrics import average_precision, mrr, ndcg_at_k, rank_by_score

from grader import checking, datasets
from grader.checks.answers import about
from grader.checks.oracles.ranking import (
    plain_average_precision,
    plain_mrr,
    plain_ndcg,
    plain_rank,
    slow_average_precision,
    slow_mrr,
    slow_ndcg,
    slow_order,
)
from grader.checks.strategies.rankings import (
    INF,
    NAN,
    Grades,
    Queries,
    Ranking,
    Scores,
    Swap,
    all_scores,
    cutoffs,
    ideal_orders,
    judgements,
    long_rankings,
    one_more_relevant,
    queries,
    rankings,
    rescaled,
    same_beginnings,
    sets_of_items,
    swaps,
)

if TYPE_CHECKING:
    from collections.abc import Callable


L3, L5, L6 = math.log2(3), math.log2(5), math.log2(6)
SHOP = datasets.shop()


def _asked(asked: Queries) -> tuple[list[Ranking], list[set[str]]]:
    """Rankings and relevant sets, as `mrr` wants them."""
    return [ranked for ranked, _ in asked], [wanted for _, wanted in asked]


def _word_matches() -> list[tuple[Scores, Grades]]:
    """For every query of the shop: how many of its words each title has, and the grades of the products."""
    titles = [set(title.lower().split()) for title in SHOP.products.title_en]
    asked = []
    for text, grades in zip(SHOP.queries.text_en, SHOP.queries.grades.tolist(), strict=True):
        words = set(text.lower().split())
        scores = {f"p{place}": float(len(words & title)) for place, title in enumerate(titles)}
        asked.append((scores, {f"p{place}": grade for place, grade in enumerate(grades) if grade}))
    return asked


@pytest.mark.interface(spec="G1 R1", hint=1)
def test_answers_are_a_list_of_strings_and_floats() -> None:
    """`rank_by_score` gives a list of plain str, each metric a float."""
    ranked = rank_by_score({"mug": 0.5, "jar": 2.0})
    assert isinstance(ranked, list), "rank_by_score gives a list"
    assert all(type(item) is str for item in ranked), "its items are plain str, not numpy's str_"
    assert isinstance(ndcg_at_k(["mug", "jar"], {"jar": 2, "mug": 1}, 2), float), "ndcg_at_k gives a float"
    assert isinstance(mrr([["mug", "jar"]], [{"jar"}]), float), "mrr gives a float"
    assert isinstance(average_precision(["mug", "jar"], {"jar"}, 2), float), "average_precision gives a float"


@pytest.mark.interface(spec="G1", hint=1)
def test_the_arguments_are_left_alone() -> None:
    """Rankings, grades and sets are the caller's: the same question has the same answer, whatever was asked before."""
    ranked, rels = checking.resident(["cup", "mug", "jar", "rug"]), checking.resident({"jar": 3, "mug": 1, "pan": 2})
    relevant, scores = checking.resident({"jar", "rug", "pan"}), checking.resident({"rug": 1.0, "mug": 2.0, "jar": NAN})
    asked = checking.resident([["cup", "jar", "mug"], ["pan"]]), checking.resident([{"jar", "mug"}, {"pan", "jar"}])
    before = rank_by_score(scores), ndcg_at_k(ranked, rels, 2), average_precision(ranked, relevant, 3), mrr(*asked)
    assert rank_by_score(scores) == before[0]
    assert ndcg_at_k(ranked, rels, 2) == about(before[1])
    assert average_precision(ranked, relevant, 3) == about(before[2])
    assert mrr(*asked) == about(before[3])


@pytest.mark.examples(spec="R1", hint=1)
def test_ranks_by_score() -> None:
    """All items come back, those of the highest score first."""
    assert rank_by_score({"mug": 0.5, "jar": -2.0, "cup": 10.0, "rug": 9.5}) == ["cup", "rug", "mug", "jar"]


@pytest.mark.examples(spec="N1", hint=2)
def test_ndcg_gain_and_discount() -> None:
    """An item of grade g at rank r earns (2^g - 1) / log2(r + 1), and NDCG is the sum over that of the best order."""
    ranked, rels = ["rug", "cup", "mug", "jar"], {"mug": 3, "rug": 2, "cup": 1, "jar": 0}
    assert ndcg_at_k(ranked, rels, 4) == about((3 + 1 / L3 + 7 / 2) / (7 + 3 / L3 + 1 / 2))


@pytest.mark.examples(spec="N1 N3 G3", hint=2)
def test_ndcg_ideal_is_over_all_that_is_judged() -> None:
    """DCG and the ideal are both cut at k; the ideal is the best order of all judged items, found or not."""
    ranked, rels = ["rug", "vase", "mug", "jar", "cup"], {"mug": 3, "rug": 2, "cup": 1, "jar": 0, "pan": 2, "pot": 1}
    assert ndcg_at_k(ranked, rels, 1) == about(3 / 7)
    assert ndcg_at_k(ranked, rels, 3) == about((3 + 7 / 2) / (7 + 3 / L3 + 3 / 2))
    assert ndcg_at_k(ranked, rels, 5) == about((3 + 7 / 2 + 1 / L6) / (7 + 3 / L3 + 3 / 2 + 1 / L5 + 1 / L6))


@pytest.mark.examples(spec="M1 M2", hint=3)
def test_mrr_takes_the_first_hit_of_every_query() -> None:
    """MRR is the mean over all queries of 1 / rank of the first relevant item; a query without one counts 0."""
    asked = [["jar", "cup", "mug", "rug"], ["jar", "cup"], ["mug", "jar", "rug"], [*"abcdefghijk", "mug"]]
    relevant = [{"mug", "rug"}, {"mug"}, {"rug", "mug"}, {"mug", "pot"}]
    assert mrr(asked, relevant) == about((1 / 3 + 0 + 1 + 1 / 12) / 4)


@pytest.mark.examples(spec="P1 P2", hint=3)
def test_average_precision_at_the_ranks_of_the_hits() -> None:
    """AP@k is the sum of the precisions at the ranks of the hits, divided by the number of relevant items or by k."""
    ranked, relevant = ["mug", "vase", "rug", "jar", "cup", "pot"], {"mug", "rug", "cup", "pan", "bed"}
    assert average_precision(ranked, relevant, 6) == about((1 + 2 / 3 + 3 / 5) / 5)
    assert average_precision(ranked, relevant, 4) == about((1 + 2 / 3) / 4)


@pytest.mark.edges(spec="R2", hint=1)
def test_equal_scores_are_ordered_by_item() -> None:
    """Of items with equal scores the smaller string comes first, however the dict is ordered; 0.0 equals -0.0."""
    scores = {"p9": 1.0, "a": 0.0, "p10": 1.0, "b": -0.0, "Z": 0.0, "q": 1.5}
    assert rank_by_score(scores) == ["q", "p10", "p9", "Z", "a", "b"]


@pytest.mark.edges(spec="R1 R3", hint=1)
def test_scores_that_are_not_numbers_come_last() -> None:
    """Items whose score is NaN come last, behind infinitely low ones, in the order of their names."""
    scores = {"pot": NAN, "mug": 1.0, "rug": -INF, "cup": NAN, "jar": 2.0, "bed": INF, "sofa": NAN, "pan": -INF}
    assert rank_by_score(scores) == ["bed", "jar", "mug", "pan", "rug", "cup", "pot", "sofa"]


@pytest.mark.edges(spec="N2 G3", hint=2)
def test_unjudged_items_keep_their_rank() -> None:
    """An item that nobody judged earns nothing, and those behind it are one rank lower for it."""
    assert ndcg_at_k(["vase", "bed", "mug"], {"mug": 2}, 3) == about(1 / 2)
    assert ndcg_at_k(["vase", "bed", "mug"], {"mug": 2}, 2) == about(0.0)
    assert ndcg_at_k(["vase", "mug"], {"mug": 1, "cup": 1}, 9) == about((1 / L3) / (1 + 1 / L3))


@pytest.mark.edges(spec="G3 R1 N4 M2 M3 P2", hint=2)
def test_nothing_to_find_is_worth_nothing() -> None:
    """Without items, without queries, without anything relevant, or with k = 0, the value is 0."""
    assert rank_by_score({}) == []
    for ranked, rels, k in (([], {"mug": 1}, 3), (["mug"], {}, 3), (["mug"], {"mug": 0}, 1), (["mug"], {"mug": 1}, 0)):
        assert ndcg_at_k(ranked, rels, k) == about(0.0)
    assert mrr([], []) == about(0.0)
    assert mrr([["mug"], [], ["mug"]], [set(), {"mug"}, {"mug"}]) == about(1 / 3)
    for ranked, relevant, k in (([], {"mug"}, 3), (["mug"], set(), 3), (["mug"], {"mug"}, 0)):
        assert average_precision(ranked, relevant, k) == about(0.0)


@pytest.mark.edges(spec="G2 G4", hint=1)
def test_items_that_are_ranked_twice_are_refused() -> None:
    """A ranking that holds an item twice raises ValueError, also behind k, behind the first hit, or if irrelevant."""
    for ranked, k in ((["mug", "mug"], 2), (["mug", "cup", "jar", "cup"], 2), (["cup", "cup"], 0)):
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            ndcg_at_k(ranked, {"mug": 1}, k)
        with pytest.raises(ValueError):  # noqa: PT011
            average_precision(ranked, {"mug"}, k)
        with pytest.raises(ValueError):  # noqa: PT011
            mrr([["jar"], ranked], [{"jar"}, {"mug"}])


@pytest.mark.edges(spec="G3 G4 N5 M3", hint=1)
def test_arguments_that_cannot_be_are_refused() -> None:
    """A negative k, a negative grade of any judged item, or not one set for each ranking raises ValueError."""
    for rels, k in (({"mug": 1}, -1), ({"mug": 1, "pan": -1}, 2), ({"mug": -2}, 2), ({"mug": 1, "pan": -1}, 0)):
        with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
            ndcg_at_k(["mug", "cup"], rels, k)
    with pytest.raises(ValueError):  # noqa: PT011
        average_precision(["mug", "cup"], {"mug"}, -1)
    for asked, relevant in (([["mug"]], []), ([["mug"], ["cup"]], [{"mug"}]), ([["mug"]], [{"mug"}, {"cup"}])):
        with pytest.raises(ValueError):  # noqa: PT011
            mrr(asked, relevant)


@pytest.mark.properties(spec="R1 R2 R3", hint=1)
@given(rescaled())
def test_only_the_order_of_the_scores_counts(pair: tuple[Scores, Scores]) -> None:
    """Scores four times as high plus three, told in another order, give the same ranking."""
    scores, others = pair
    assert list(rank_by_score(others)) == list(rank_by_score(scores)), f"scores {scores} and then {others}"


@pytest.mark.properties(spec="G1 N3 P1 M1", hint=2)
@given(rankings, judgements, sets_of_items, cutoffs)
def test_values_lie_between_zero_and_one(ranked: Ranking, rels: Grades, relevant: set[str], k: int) -> None:
    """No metric is ever below 0 or above 1, and each is above 0 exactly where there is a hit."""
    values = {
        "ndcg_at_k": (ndcg_at_k(ranked, rels, k), any(rels.get(item) for item in ranked[:k])),
        "average_precision": (average_precision(ranked, relevant, k), any(item in relevant for item in ranked[:k])),
        "mrr": (mrr([ranked], [relevant]), any(item in relevant for item in ranked)),
    }
    for name, (value, hit) in values.items():
        assert 0 <= value <= 1 + 1e-9, f"{name} gave {value} for {ranked}: it lies between 0 and 1"
        if hit:
            assert value > 0, f"{name} of {ranked}: there is a hit among those that count"
        else:
            assert value == about(0.0), f"{name} of {ranked}: there is no hit among those that count"


@pytest.mark.properties(spec="N2 N3 P1 M1", hint=2)
@given(ideal_orders(), cutoffs)
def test_the_best_order_earns_one(best: tuple[Ranking, Grades], k: int) -> None:
    """All judged items in the order of their grades, and then others, earn exactly 1 at any k."""
    ranked, rels = best
    relevant = {item for item, grade in rels.items() if grade}
    assert ndcg_at_k(ranked, rels, k) == about(1.0)
    assert average_precision(ranked, relevant, k) == about(1.0)
    assert mrr([ranked], [relevant]) == about(1.0)


@pytest.mark.properties(spec="N1 P1", hint=2)
@given(swaps())
def test_the_better_item_first_is_better(swap: Swap) -> None:
    """If the better of two neighbours within the first k moves before the other, NDCG rises, and so does AP."""
    before, after, rels, k, high = swap
    relevant = {item for item, grade in rels.items() if grade >= high}
    gain = ndcg_at_k(after, rels, k) - ndcg_at_k(before, rels, k)
    assert gain > 1e-6, f"ndcg_at_k of {after} and of {before}, k = {k}: {gain:+.6f}"
    gain = average_precision(after, relevant, k) - average_precision(before, relevant, k)
    assert gain > 1e-6, f"average_precision of {after} and of {before}, k = {k}: {gain:+.6f}"


@pytest.mark.properties(spec="G3", hint=2)
@given(same_beginnings(), judgements, sets_of_items)
def test_nothing_behind_k_counts(pair: tuple[Ranking, Ranking, int], rels: Grades, relevant: set[str]) -> None:
    """Two rankings with the same first k have the same NDCG@k and the same AP@k."""
    mine, other, k = pair
    assert ndcg_at_k(other, rels, k) == about(ndcg_at_k(mine, rels, k))
    assert average_precision(other, relevant, k) == about(average_precision(mine, relevant, k))


@pytest.mark.properties(spec="N3 P2", hint=2)
@given(one_more_relevant())
def test_what_was_missed_counts(case: tuple[Ranking, Grades, int]) -> None:
    """A further relevant item that isn't ranked lowers NDCG if its grade is the highest, and AP if k leaves room."""
    ranked, rels, k = case
    before, after = ndcg_at_k(ranked, rels, k), ndcg_at_k(ranked, rels | {"new": 5}, k)
    assert after < before - 1e-6, f"ndcg_at_k before and after 'new' was judged: {before:.6f}, {after:.6f}"
    relevant = {item for item, grade in rels.items() if grade}
    before = average_precision(ranked, relevant, k)
    shrinks = len(relevant) / (len(relevant) + 1) if len(relevant) < k else 1
    assert average_precision(ranked, relevant | {"new"}, k) == about(before * shrinks)


@pytest.mark.properties(spec="M1 M2", hint=3)
@given(queries, queries)
def test_every_query_weighs_the_same(some: Queries, more: Queries) -> None:
    """The MRR of two lots of queries together is the mean of both, weighted by how many queries each has."""
    total = len(some) * mrr(*_asked(some)) + len(more) * mrr(*_asked(more))
    assert (len(some) + len(more)) * mrr(*_asked(some + more)) == about(total)


@pytest.mark.oracle(spec="R1 R2 R3", hint=1)
@given(all_scores)
def test_ranking_agrees_with_a_slow_definition(scores: Scores) -> None:
    """The ranking is the one got by comparing every two items by the definition."""
    assert list(rank_by_score(scores)) == slow_order(scores)


@pytest.mark.oracle(spec="N1 N2 N3 N4", hint=2)
@given(rankings, judgements, cutoffs)
def test_ndcg_agrees_with_a_slow_definition(ranked: Ranking, rels: Grades, k: int) -> None:
    """NDCG equals DCG divided by the highest DCG of all possible orders of the judged items, tried one by one."""
    assert ndcg_at_k(ranked, rels, k) == about(slow_ndcg(ranked, rels, k))


@pytest.mark.oracle(spec="P1 P2 M1 M2 M3", hint=3)
@given(queries, cutoffs)
def test_ap_and_mrr_agree_with_slow_definitions(asked: Queries, k: int) -> None:
    """AP and MRR equal those computed by their definitions, one relevant item at a time."""
    for ranked, relevant in asked:
        assert average_precision(ranked, relevant, k) == about(slow_average_precision(ranked, relevant, k))
    assert mrr(*_asked(asked)) == about(slow_mrr(asked))


@pytest.mark.data(spec="R1 N1 M1", hint=1)
def test_word_matches_beat_no_scores_at_all() -> None:
    """On a shop's judged queries, ranking titles by the words that match is far better than ranking by name alone."""
    asked = _word_matches()
    # Rankings go back to the learner: as plain strings, whatever came, since 27,000 of numpy's are too many to cross.
    ranked = [list(map(str, rank_by_score(scores))) for scores, _ in asked]
    by_name = [list(map(str, rank_by_score(dict.fromkeys(scores, 0.0)))) for scores, _ in asked]
    rels = [grades for _, grades in asked]
    # Shops 0 to 4: NDCG .942 to .946 against .048 to .054, MRR .99 to 1 against .24 to .27. A smoke check.
    for found, bar in zip(_quality(ranked, rels), _quality(by_name, rels), strict=True):
        assert found >= 2 * bar, f"{found:.3f}; twice the value of an order by name is {2 * bar:.3f}"


def _quality(ranked: list[Ranking], rels: list[Grades]) -> tuple[float, float]:
    """Mean NDCG@10, and MRR."""
    ndcg = [ndcg_at_k(order, grades, 10) for order, grades in zip(ranked, rels, strict=True)]
    return sum(ndcg) / len(ndcg), mrr(ranked, [set(grades) for grades in rels])


@pytest.mark.speed(spec="G5", hint=1, seconds=20)
def test_is_fast_enough_for_long_rankings() -> None:
    """5,000 items take each function at most 5 times the CPU time of plain Python with a dict and a set, plus 50 ms."""
    rng = np.random.default_rng(3)
    pairs: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
        "rank_by_score": (plain_rank, rank_by_score),
        "ndcg_at_k": (plain_ndcg, ndcg_at_k),
        "average_precision": (plain_average_precision, average_precision),
        "mrr": (plain_mrr, mrr),
    }
    times = dict.fromkeys(pairs, (INF, INF))
    for _ in range(3):
        for (name, (plain, mine)), case in zip(pairs.items(), long_rankings(rng), strict=True):
            slow, found = checking.timed(plain, *case), checking.timed(mine, *case)
            right = found.answer == slow.answer if name == "rank_by_score" else found.answer == about(slow.answer)
            assert right, f"{name} of 5,000 items gives what its definition gives"
            times[name] = min(times[name][0], slow.seconds), min(times[name][1], found.seconds)
    for name, (bar, seconds) in times.items():
        assert seconds <= 5 * bar + 0.05, f"{name} took {seconds:.3f} s of CPU; plain Python takes {bar:.3f} s"
