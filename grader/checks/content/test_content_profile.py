"""Hidden checks of content/content_profile.

A check's docstring is the sentence that the learner reads; `spec` names the rules of the statement that it holds.
"""

import math

import numpy as np
import pandas as pd
import pytest
from content_profile import build_profile, recommend, score
from hypothesis import given
from hypothesis import strategies as st

from grader import checking
from grader.checks.answers import about, as_list, refuses, rounded_to
from grader.checks.oracles.content_profile import Profile, looped, profile_of, slow_list, slow_profile, slow_scores
from grader.checks.strategies.catalogues import (
    UNKNOWN,
    Question,
    Text,
    brands,
    catalog_of,
    catalogs,
    categories,
    histories,
    history_of,
    lively,
    prices,
    questions,
    season,
)
from grader.checks.strategies.shop_customers import catalog_of_the_shop, customers
from grader.checks.strategies.tables import shuffled

LN2 = math.log(2)
NOTHING: Profile = {"category": {}, "brand": {}, "mu": None, "sd": None}


# Of the weight, category: lamp 3, rug 5; brand: Oak 3, Elm 6; log2 price: 6 once, 4 three times, 2 four times.
HOME = history_of(
    ("l1", "lamp", "Oak", 64.0, 1),
    ("r1", "rug", None, 16.0, 3),
    ("l2", "lamp", "Elm", -1.0, 2),
    ("r2", "rug", "Oak", UNKNOWN, 2),
    ("x1", None, "Elm", 4.0, 4),
)
HOME_PROFILE = profile_of(
    {"lamp": 3 / 8, "rug": 5 / 8}, {"Oak": 3 / 9, "Elm": 6 / 9}, 3.25 * LN2, math.sqrt(15.5 / 8) * LN2
)

# By LIKING, of term, term and term: 0.6375, 0.3125 + 0.05 + 0.3 e^(-1/2), ...
LIKING = profile_of({"lamp": 0.375, "rug": 0.625}, {"Oak": 0.25, "Elm": 0.75}, 3 * LN2, LN2)
RACK = catalog_of(
    ("a", "lamp", "Elm", 8.0, 0),
    ("b", "rug", "Oak", 16.0, 0),
    ("c", "vase", "Oak", 32.0, 0),
    ("d", "rug", "Fir", 1.0, 0),
)
RACK_SCORES = [
    0.1875 + 0.15 + 0.3,
    0.3125 + 0.05 + 0.3 * math.exp(-1 / 2),
    0.05 + 0.3 * math.exp(-2),
    0.3125 + 0.3 * math.exp(-9 / 2),
]


# --- The checks ------------------------------------------------------------------------------------------------------


@pytest.mark.interface(spec="B5 S1 R2", hint=1)
def test_answers_are_a_dict_an_array_and_a_list() -> None:
    """`build_profile` gives a dict of plain objects, `score` an array of float64, `recommend` a list of strings."""
    profile = build_profile(HOME)
    assert type(profile) is dict, "build_profile gives a dict"
    assert sorted(profile) == ["brand", "category", "mu", "sd"]
    for name in ("category", "brand"):
        assert type(profile[name]) is dict, f"{name} is a dict"
        assert {type(key) for key in profile[name]} == {str}, f"from plain strings, in {name}"
        assert {type(value) for value in profile[name].values()} == {float}, f"to plain floats, in {name}"
    assert [type(profile[name]) for name in ("mu", "sd")] == [float, float], "mu and sd are plain floats"
    scores = score(LIKING, RACK.drop(columns="popularity"))
    assert isinstance(scores, np.ndarray), "score gives an array"
    assert (str(scores.dtype), scores.shape) == ("float64", (4,))
    chosen = recommend(HOME, RACK, 2)
    assert isinstance(chosen, list), "recommend gives a list"
    assert {type(item) for item in chosen} == {str}, "of plain strings"


@pytest.mark.interface(spec="G2", hint=1)
def test_arguments_are_left_alone() -> None:
    """Tables and profile are the caller's: the same question has the same answer once more."""
    history, catalog, profile = (
        checking.resident(HOME.copy()),
        checking.resident(RACK.copy()),
        checking.resident(dict(LIKING)),
    )
    before = build_profile(history), as_list(score(profile, catalog)), recommend(history, catalog, 4)
    assert build_profile(history) == before[0]
    assert as_list(score(profile, catalog)) == before[1]
    assert recommend(history, catalog, 4) == before[2]


@pytest.mark.examples(spec="B1 G1", hint=1)
def test_shares_are_of_what_is_known() -> None:
    """A category's share is its weight over the weight of all rows whose category is known, and so it is for brands."""
    profile = build_profile(HOME)
    for part in ("category", "brand"):
        assert rounded_to(HOME_PROFILE[part], profile[part]) == HOME_PROFILE[part]


@pytest.mark.examples(spec="B2 B3 G1", hint=2)
def test_prices_are_summed_up_by_their_logarithms() -> None:
    """Weighted mean and deviation of ln price are mu and sd; prices that are missing, 0 or negative say nothing."""
    profile = build_profile(HOME)
    assert profile["mu"] == about(HOME_PROFILE["mu"])
    assert profile["sd"] == about(HOME_PROFILE["sd"])
    cheap = build_profile(
        history_of(("a", "pin", None, 0.25, 1), ("b", "pin", None, 1.0, 2), ("c", "pin", None, 0.0, 5))
    )
    assert [cheap["mu"], cheap["sd"]] == about([-2 / 3 * LN2, math.sqrt(8) / 3 * LN2])


@pytest.mark.examples(spec="S1", hint=2)
def test_scores_add_up_category_brand_and_price() -> None:
    """A score is 0.5 times the share of the category, 0.2 times that of the brand, 0.3 times the closeness in price."""
    assert as_list(score(LIKING, RACK)) == about(RACK_SCORES)
    wide = profile_of({}, {}, 3 * LN2, 3 * LN2)
    assert as_list(score(wide, RACK)) == about([0.3 * math.exp(-each / 18) for each in (0, 1, 4, 9)])


@pytest.mark.examples(spec="R1 R2", hint=3)
def test_recommends_what_fits_best() -> None:
    """What isn't in the history yet is recommended, the highest score first, however well other things sell."""
    shelf = catalog_of(
        ("x1", "rug", "Elm", 8.0, 60),
        ("m", "lamp", "Elm", 8.0, 1),
        ("k", "vase", "Fir", 900.0, 50),
        ("p", "rug", "Oak", 16.0, 3),
        ("l2", "lamp", "Elm", -1.0, 40),
        ("i", "rug", "Elm", 1000.0, 2),
    )
    # p 0.673, m 0.599, i 0.459, k 0.012.
    assert recommend(HOME, shelf, 4) == ["p", "m", "i", "k"]
    assert recommend(HOME, shelf, 2) == ["p", "m"]


@pytest.mark.edges(spec="B3", hint=2)
def test_deviation_is_never_below_a_tenth() -> None:
    """Where the deviation of ln price is below 0.1, sd is 0.1; where it is above, sd is what it is."""
    single, expected = history_of(("a", "mug", "Oak", 8.0, 2)), profile_of({"mug": 1.0}, {"Oak": 1.0}, 3 * LN2, 0.1)
    assert rounded_to(expected, build_profile(single)) == expected
    for apart, least in ((0.19, 0.1), (0.21, 0.105), (0.5, 0.25)):
        two = history_of(("a", "mug", "Oak", 8.0, 1), ("b", "mug", "Oak", 8.0 * math.exp(apart), 1))
        profile = build_profile(two)
        assert profile["sd"] == about(least), f"the two ln prices are {apart} apart"


@pytest.mark.edges(spec="B4 G1", hint=1)
def test_rows_of_weight_zero_are_not_there() -> None:
    """A row of weight 0 leaves no trace in a profile."""
    with_zeros = pd.concat(
        [history_of(("z", "vase", "Ash", 2.0, 0)), HOME, history_of(("l1", "lamp", "Fir", 2000.0, 0))],
        ignore_index=True,
    )
    assert rounded_to(HOME_PROFILE, build_profile(with_zeros)) == HOME_PROFILE
    only_the_price = history_of(("a", "mug", "Oak", 8.0, 0), ("b", None, None, 2.0, 3))
    expected = profile_of({}, {}, LN2, 0.1)
    assert rounded_to(expected, build_profile(only_the_price)) == expected
    all_but_the_price = history_of(("a", "mug", "Oak", 8.0, 0), ("b", "rug", "Elm", UNKNOWN, 3))
    expected = profile_of({"rug": 1.0}, {"Elm": 1.0}, None, None)
    assert rounded_to(expected, build_profile(all_but_the_price)) == expected


@pytest.mark.edges(spec="B4 G1", hint=1)
def test_a_profile_of_nothing_is_empty() -> None:
    """Without rows, without weight, or where nothing is known, there are no shares, and mu and sd are None."""
    weightless = history_of(("a", "mug", "Oak", 8.0, 0), ("b", "rug", "Elm", 2.0, 0))
    blank = history_of(("a", None, None, UNKNOWN, 1), ("b", None, None, 0.0, 2), ("c", None, None, -5.0, 1))
    for history in (history_of(), weightless, blank):
        assert build_profile(history) == NOTHING
    expected = profile_of({}, {"Oak": 1.0}, None, None)
    assert rounded_to(expected, build_profile(history_of(("a", None, "Oak", UNKNOWN, 2)))) == expected


@pytest.mark.edges(spec="S2 G1", hint=2)
def test_what_is_not_known_scores_nothing() -> None:
    """A value that is missing, or that the profile doesn't know, adds 0 to a score; the other terms are as ever."""
    shelf = catalog_of(
        ("a", "lamp", None, UNKNOWN, 0),
        ("b", None, "Elm", 0.0, 0),
        ("c", None, None, 8.0, 0),
        ("d", "vase", "Fir", -8.0, 0),
        ("e", "rug", None, 16.0, 0),
    )
    assert as_list(score(LIKING, shelf)) == about([0.1875, 0.15, 0.3, 0, 0.3125 + 0.3 * math.exp(-1 / 2)])
    priceless = profile_of({"lamp": 1.0}, {}, None, None)
    assert as_list(score(priceless, shelf)) == about([0.5, 0, 0, 0, 0])
    assert as_list(score(NOTHING, shelf)) == [0, 0, 0, 0, 0]
    named = dict.fromkeys(("nan", "NaN", "None", "", "unknown", "missing"), 0.125)
    assert as_list(score(profile_of(named, named, None, None), shelf)) == [0, 0, 0, 0, 0]


@pytest.mark.edges(spec="G1", hint=1)
def test_none_is_missing_too() -> None:
    """A category or brand may be missing as None, in columns of objects, and for all rows at once."""
    names = {"category": object, "brand": object}
    profile = build_profile(HOME.astype(names).assign(brand=np.array([None] * len(HOME), object)))
    brandless = HOME_PROFILE | {"brand": {}}
    assert rounded_to(brandless, profile) == brandless
    shelf = RACK.astype(names).assign(category=np.array(["lamp", None, None, "rug"], object))
    expected = [RACK_SCORES[0], RACK_SCORES[1] - 0.3125, RACK_SCORES[2], RACK_SCORES[3]]
    assert as_list(score(LIKING, shelf)) == about(expected)


@pytest.mark.edges(spec="R2 B4", hint=3)
def test_equal_scores_come_by_popularity_then_id() -> None:
    """Of equal scores the most popular comes first, of equally popular ones that whose id comes first as text."""
    shelf = catalog_of(
        ("i9", "lamp", "Fir", UNKNOWN, 2),
        ("i2", "lamp", "Fir", UNKNOWN, 7),
        ("i10", "lamp", "Fir", UNKNOWN, 7),
        ("i5", "vase", None, 0.0, 100),
        ("i6", None, "Fir", UNKNOWN, 20),
        ("i1", "rug", "Fir", UNKNOWN, 1),
    )
    assert recommend(HOME, shelf, 6) == ["i1", "i10", "i2", "i9", "i5", "i6"]
    weightless = history_of(("i2", "lamp", "Fir", 9.0, 0))
    for history in (history_of(), weightless, history_of(("i2", None, None, UNKNOWN, 3))):
        new = [item for item in ("i5", "i6", "i10", "i2", "i9", "i1") if item not in history["item_id"].tolist()]
        assert recommend(history, shelf, 6) == new


@pytest.mark.edges(spec="R1 R3", hint=3)
def test_recommends_no_more_than_there_is() -> None:
    """Items of the history are left out, also those of weight 0; fewer than n are all of them, and n = 0 is none."""
    owned = pd.concat([HOME, history_of(("b", "rug", "Oak", 16.0, 0), ("a", "lamp", "Elm", 8.0, 1))], ignore_index=True)
    assert recommend(owned, RACK, 9) == ["d", "c"]
    assert recommend(owned, RACK, 1) == ["d"]
    assert recommend(HOME, RACK, 0) == []
    assert recommend(HOME, catalog_of(), 3) == []
    assert recommend(HOME, catalog_of(("l1", "lamp", "Oak", 64.0, 4), ("x1", None, "Elm", 4.0, 2)), 3) == []
    empty = score(LIKING, catalog_of())
    assert isinstance(empty, np.ndarray), "scores of no products are an array too"
    assert (str(empty.dtype), empty.shape) == ("float64", (0,))


@pytest.mark.edges(spec="B6 R3", hint=1)
def test_what_cannot_be_is_refused() -> None:
    """A weight that is negative, NaN or infinite raises ValueError, whatever its row says, and so does a negative n."""
    for weight in (-1.0, -0.001, math.nan, math.inf, -math.inf):
        for row in (("c", "rug", "Oak", 8.0, weight), ("c", None, None, UNKNOWN, weight)):
            history = pd.concat([HOME, history_of(row)], ignore_index=True)
            refuses(build_profile, history)
        refuses(recommend, history, RACK, 3)
    for history in (HOME, history_of()):
        refuses(recommend, history, RACK, -1)


@pytest.mark.properties(spec="G2", hint=1)
@given(shuffled(lively()), shuffled(catalogs(2)))
def test_the_order_of_the_rows_means_nothing(
    events: tuple[pd.DataFrame, list[int]], products: tuple[pd.DataFrame, list[int]]
) -> None:
    """The same events in another order give the same profile, the same products in another order the same scores."""
    (history, order), (catalog, places) = events, products
    profile = build_profile(history)
    assert profile["mu"] is not None, "prices are known"
    assert rounded_to(profile, build_profile(history.iloc[order])) == profile
    scores = as_list(score(profile, catalog))
    moved = catalog.iloc[places]
    assert as_list(score(profile, moved)) == about([scores[place] for place in places])
    assert as_list(score(profile, moved.set_axis([7] * len(moved)))) == about([scores[place] for place in places])


@pytest.mark.properties(spec="B1 B2 B3", hint=1)
@given(lively(), st.sampled_from([0.25, 3, 0.01, 1000]))
def test_only_ratios_of_weights_matter(history: pd.DataFrame, factor: float) -> None:
    """If all weights are multiplied by one number, the profile stays the same."""
    profile = build_profile(history)
    assert sum(profile["category"].values()) == about(1), "shares of categories sum to 1"
    assert sum(profile["brand"].values()) == about(1), "shares of brands sum to 1"
    assert rounded_to(profile, build_profile(history.assign(weight=history["weight"] * factor))) == profile


@pytest.mark.properties(spec="B1 B2 B3", hint=1)
@given(lively(), st.integers(0, 1))
def test_an_event_of_weight_two_is_two_of_weight_one(history: pd.DataFrame, place: int) -> None:
    """Two events of half the weight tell what one of the whole weight does."""
    profile = build_profile(history)
    assert profile["sd"] >= 0.1, "prices are known"
    halves = history.assign(weight=history["weight"] / np.where(np.arange(len(history)) == place, 2, 1))
    twice = pd.concat([halves, halves.iloc[[place]]], ignore_index=True)
    assert rounded_to(profile, build_profile(twice)) == profile


@pytest.mark.properties(spec="B1 B2 B3 G1", hint=1)
@given(lively(), categories, brands, prices, st.sampled_from([1, 4]))
def test_unknown_values_change_nothing(
    history: pd.DataFrame, category: Text, brand: Text, price: float, weight: int
) -> None:
    """A row changes only those parts of a profile of which it knows something."""
    before = build_profile(history)
    after = build_profile(pd.concat([history, history_of(("q", category, brand, price, weight))], ignore_index=True))
    assert {*after["category"]} == {*before["category"]} | {category} - {None}
    assert {*after["brand"]} == {*before["brand"]} | {brand} - {None}
    if category is None:
        assert rounded_to(before["category"], after["category"]) == before["category"]
    if brand is None:
        assert rounded_to(before["brand"], after["brand"]) == before["brand"]
    if not price > 0:
        assert [after["mu"], after["sd"]] == about([before["mu"], before["sd"]])


@pytest.mark.properties(spec="B2 B3 S1", hint=2)
@given(lively(), catalogs(2), st.sampled_from([0.125, 7.2, 0.01, 160.0]))
def test_the_currency_means_nothing(history: pd.DataFrame, catalog: pd.DataFrame, rate: float) -> None:
    """If all prices, of history and catalogue, are told in another currency, no score changes."""
    scores = as_list(score(build_profile(history), catalog))
    told = build_profile(history.assign(price=history["price"] * rate))
    assert told["mu"] == about(slow_profile(history)["mu"] + math.log(rate))
    assert as_list(score(told, catalog.assign(price=catalog["price"] * rate))) == about(scores)


@pytest.mark.properties(spec="S1", hint=2)
@given(st.sampled_from([-1.5, 0.0, 2.0, 5.0]), st.sampled_from([0.1, 0.5, 1.0, 2.0]), st.sampled_from([1.1, 2.0, 9.0]))
def test_the_typical_price_fits_best(mu: float, sd: float, factor: float) -> None:
    """The price e^mu scores 0.3; so many times as much and so many times as little score alike, and less."""
    typical = math.exp(mu)
    row = (
        ("a", None, None, typical, 0),
        ("b", None, None, typical * factor, 0),
        ("c", None, None, typical / factor, 0),
    )
    best, dearer, cheaper = as_list(score(profile_of({}, {}, mu, sd), catalog_of(*row)))
    assert best == about(0.3), f"{typical:.4f} is e^mu"
    assert dearer == about(cheaper), f"{factor} times as much, and as little"
    assert 0 <= dearer < best, f"{factor} times as much fits less"


@pytest.mark.properties(spec="R1 R3", hint=3)
@given(questions())
def test_never_recommends_what_is_known(asked: Question) -> None:
    """Recommendations are n different products that aren't in the history, or all there are; a larger n only adds."""
    chosen = recommend(asked.history, asked.catalog, asked.n)
    new = {*asked.catalog["item_id"]} - {*asked.history["item_id"]}
    assert {*chosen} <= new, f"the catalogue has, beside the history, {sorted(new)}"
    assert len({*chosen}) == len(chosen) == min(asked.n, len(new)), "n different products, or as many as there are"
    assert recommend(asked.history, asked.catalog, 99)[: asked.n] == chosen, "the first n of all of them"


@pytest.mark.oracle(spec="B1 B2 B3 B4", hint=1)
@given(histories())
def test_profiles_agree_with_a_slow_definition(history: pd.DataFrame) -> None:
    """Profiles equal those summed up one row at a time, by the definition."""
    expected = slow_profile(history)
    assert rounded_to(expected, build_profile(history)) == expected


@pytest.mark.oracle(spec="S1 S2", hint=2)
@given(histories().map(slow_profile), catalogs())
def test_scores_agree_with_a_slow_definition(profile: Profile, catalog: pd.DataFrame) -> None:
    """Scores equal those computed for one product at a time, by the definition."""
    scores = score(profile, catalog)
    assert as_list(scores) == about(slow_scores(profile, catalog))
    assert 0 <= scores.min() <= scores.max() <= 1 + 1e-9, "scores lie between 0 and 1"


@pytest.mark.oracle(spec="R1 R2 R3", hint=3)
@given(questions())
def test_recommendations_agree_with_a_slow_definition(asked: Question) -> None:
    """Recommendations equal those found by scoring one product at a time and sorting, best first."""
    chosen = recommend(asked.history, asked.catalog, asked.n)
    assert chosen == slow_list(asked.history, asked.catalog, chosen)[: asked.n]


@pytest.mark.data(spec="B1 B2 B3 S1 R1", hint=2)
def test_finds_more_of_what_is_taken_next_than_chance() -> None:
    """For people with favourite categories and a level of prices, ten products find more of what they take later."""
    catalog = catalog_of_the_shop()
    shelf, found, by_chance = checking.resident(catalog), 0, 0.0
    for known, later in customers(1, 60):
        history = catalog.iloc[known].drop(columns="popularity").assign(weight=1)
        found += len({f"i{place}" for place in later}.intersection(recommend(history, shelf, 10)))
        by_chance += 10 * len(later) / (len(catalog) - len(known))
    # Found over what chance finds, seeds 0 to 4: 4.5 5.1 4.2 3.6 5.4; by brand and price alone 2.4 or less.
    assert found >= 2.5 * by_chance, f"found {found} products; 2.5 times what chance finds is {2.5 * by_chance:.1f}"


@pytest.mark.speed(spec="R4", hint=1, seconds=20)
def test_is_fast_enough_for_a_whole_catalogue() -> None:
    """20,000 events and 20,000 products take at most 5 times the CPU time of loops over zipped columns, plus 50 ms."""
    bar = mine = math.inf
    for seed in range(3):
        history, catalog = season(seed)
        slow = checking.timed(looped, history, catalog, 20)
        profile = checking.timed(build_profile, history)
        scores, chosen = checking.timed(score, slow.answer[0], catalog), checking.timed(recommend, history, catalog, 20)
        assert profile.answer["mu"] == about(slow.answer[0]["mu"])
        assert np.allclose(scores.answer, slow.answer[1], rtol=1e-9), "the scores are those of the definition"
        assert len(set(chosen.answer) & set(slow.answer[2])) >= 19, "the 20 are those of the definition"
        bar, mine = min(bar, slow.seconds), min(mine, profile.seconds + scores.seconds + chosen.seconds)
        if mine <= 5 * bar + 0.05:
            return
    pytest.fail(f"{mine:.2f} s of CPU; loops over zipped columns take {bar:.2f} s")
