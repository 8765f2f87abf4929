"""What checks may rely on in the generated shop."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from grader import datasets
from grader.datasets import words
from grader.datasets.arrays import Table

SMALL = datasets.Size(users=50, items=40, slates=200)


def tables(shop):
    return [value for value in vars(shop).values() if isinstance(value, Table)]


def arrays(shop):
    """Every array of a shop, by table and column."""
    alone = {name: value for name, value in vars(shop).items() if isinstance(value, np.ndarray)}
    within = {
        f"{type(table).__name__}.{name}": column
        for table in tables(shop)
        for name, column in vars(table).items()
        if isinstance(column, np.ndarray)
    }
    return alone | within


def test_shop_comes_from_its_seed_alone():
    """One seed, one shop; another seed, another."""
    first, other = datasets.shop(5, SMALL), datasets.shop(6, SMALL)
    assert datasets.shop(5, SMALL) is first
    again = datasets.shop.__wrapped__(5, SMALL)
    for name, column in arrays(first).items():
        assert np.array_equal(column, arrays(again)[name]), name
    assert again.products.title_zh == first.products.title_zh
    assert not np.array_equal(first.ratings.stars, other.ratings.stars)


def test_parts_of_a_shop_have_their_own_streams():
    """Asking for more slates leaves products, users and ratings as they were."""
    longer = datasets.shop(5, dataclasses.replace(SMALL, slates=300))
    for part in ("products", "users", "interactions", "ratings"):
        same, more = (getattr(shop, part).frame() for shop in (datasets.shop(5, SMALL), longer))
        pd.testing.assert_frame_equal(same, more)


def test_shop_cannot_be_written_to():
    """All who ask share it."""
    shop = datasets.shop(5, SMALL)
    assert not [name for name, column in arrays(shop).items() if column.flags.writeable]
    with pytest.raises(dataclasses.FrozenInstanceError):
        shop.products = None
    mine = shop.ratings.frame()
    mine.loc[:, "stars"] = 0
    shop.rating_matrices()[0][:] = 0
    assert shop.ratings.stars.min() >= 1
    assert shop.rating_matrices()[0].any()


def test_columns_of_a_table_have_one_length():
    for table in tables(datasets.shop(5, SMALL)):
        assert {len(column) for column in vars(table).values()} == {len(table)}


def test_titles_say_what_the_attributes_are():
    """In both languages, so that tags can be judged."""
    products = datasets.shop(5, SMALL).products
    for place in range(len(products)):
        for column, known in (("category", words.CATEGORIES), ("brand", words.BRANDS), ("colour", words.COLOURS)):
            english, chinese = known[getattr(products, column)[place]]
            assert english in products.title_en[place]
            assert chinese in products.title_zh[place]
    assert products.price.min() > 0


def test_grades_follow_category_and_colour():
    shop = datasets.shop(5, SMALL)
    queries, products = shop.queries, shop.products
    for query, item in np.ndindex(queries.grades.shape):
        same = queries.category[query] == products.category[item]
        wanted = queries.colour[query]
        expected = 0 if not same else 2 if wanted < 0 else 3 if wanted == products.colour[item] else 1
        assert queries.grades[query, item] == expected


def test_slates_are_whole_and_of_one_visitor():
    """Ten different products each, positions from the top; a visit is one user's, with no pause of half an hour."""
    seen = datasets.shop(5, SMALL).impressions.frame()
    slates = seen.groupby("slate")
    assert (slates.item.nunique() == 10).all()
    assert slates.position.apply(list).map(lambda order: order == list(range(10))).all()
    shared = ["session", "user", "query", "time", "randomised"]
    starts = seen.groupby(["slate", *shared], as_index=False).first()
    assert len(starts) == len(slates)
    assert len(starts.groupby(["session", "user"])) == starts.session.max() + 1
    assert starts.groupby("session").time.diff().dropna().between(0, 1799).all()


def test_funnel_is_nested():
    """No buy without a cart, no cart without a click, in what happened and in its probabilities."""
    seen = datasets.shop(0).impressions
    assert ((seen.buy <= seen.cart) & (seen.cart <= seen.click)).all()
    assert ((seen.p_buy > 0) & (seen.p_buy <= seen.p_cart) & (seen.p_cart <= seen.p_click)).all()
    assert (seen.p_click <= seen.examined).all()


def test_what_happens_has_the_probability_that_is_told():
    """Counts lie within four standard deviations of the truth, in all and at each position."""
    seen = datasets.shop(0).impressions
    for happened, truth in ((seen.click, seen.p_click), (seen.cart, seen.p_cart), (seen.buy, seen.p_buy)):
        for part in (slice(None), *(seen.position == place for place in range(10))):
            spread = np.sqrt((truth[part] * (1 - truth[part])).sum())
            assert abs(happened[part].sum() - truth[part].sum()) < 4 * spread


def test_rates_are_as_asked():
    rates = datasets.Rates(click=0.2, cart=0.5, buy=0.3, position_bias=0.5)
    shop = datasets.shop(5, SMALL, rates)
    seen = shop.impressions
    assert seen.p_click.mean() == pytest.approx(0.2)
    assert seen.p_cart.sum() / seen.p_click.sum() == pytest.approx(0.5)
    assert seen.p_buy.sum() / seen.p_cart.sum() == pytest.approx(0.3)
    assert shop.propensity == pytest.approx((1 + np.arange(10)) ** -0.5)
    assert seen.examined == pytest.approx(shop.propensity[seen.position])


def test_position_confounds_only_where_it_is_not_shuffled():
    """By the truth, attraction falls with position in the ranker's order, and in shuffled slates it doesn't."""
    seen = datasets.shop(0).impressions
    attraction = seen.p_click / seen.examined
    slope = {
        flag: np.corrcoef(seen.position[part], attraction[part])[0, 1]
        for flag, part in ((False, ~seen.randomised), (True, seen.randomised))
    }
    assert slope[False] < -0.1
    assert abs(slope[True]) < 0.05


def test_events_are_the_funnel_as_a_log():
    shop = datasets.shop(5, SMALL)
    log = shop.events()
    assert list(log) == ["user_id", "item_id", "event", "price", "timestamp"]
    counts = {"view": shop.impressions.click, "cart": shop.impressions.cart, "buy": shop.impressions.buy}
    assert log.event.value_counts().to_dict() == {name: done.sum() for name, done in counts.items()}
    assert log.timestamp.is_monotonic_increasing
    assert (log.price == shop.products.price[log.item_id.str[1:].astype(int)]).all()


@pytest.mark.parametrize("part", ["interactions", "ratings"])
def test_a_fifth_is_held_out_and_nothing_twice(part):
    rows = getattr(datasets.shop(0), part).frame()
    assert not rows.duplicated(["user", "item"]).any()
    assert rows.held_out.mean() == pytest.approx(0.2, abs=0.03)
    assert (~rows.held_out).groupby(rows.user).sum().min() >= 4


def test_interactions_held_out_are_each_users_last():
    rows = datasets.shop(0).interactions.frame()
    known, held_out = rows[~rows.held_out].groupby("user").time.max(), rows[rows.held_out].groupby("user").time.min()
    assert (held_out >= known.loc[held_out.index]).all()


def test_neighbours_know_more_than_popularity():
    """The taste can be found: by item-kNN and by user-kNN, with at least twice the recall."""
    known, held_out = datasets.shop(0).interaction_matrices()

    def recall(scores):
        best = np.argsort(-np.where(known > 0, -np.inf, scores), axis=1, kind="stable")[:, :10]
        return np.take_along_axis(held_out, best, axis=1).sum() / held_out.sum()

    popular = recall(np.broadcast_to(known.sum(axis=0), known.shape))
    for rows, score in ((known.T, lambda near: known @ near), (known, lambda near: near @ known)):
        norms = np.linalg.norm(rows, axis=1)
        near = rows @ rows.T / np.maximum(np.outer(norms, norms), 1)
        np.fill_diagonal(near, 0)
        assert recall(score(near**3)) >= 1.7 * popular


@pytest.mark.parametrize(
    ("size", "says"),
    [
        (datasets.Size(users=0), "at least one of everything"),
        (datasets.Size(brands=13), "brands must be 1 to 12, not 13"),
        (datasets.Size(items=19), "items must be at least 20"),
        (datasets.Size(items=30, positions=31), "fill a slate"),
    ],
)
def test_shops_that_cannot_be_are_refused(size, says):
    with pytest.raises(ValueError, match=says):
        datasets.shop(0, size)


def test_rates_that_cannot_be_are_refused():
    """More clicks than looks can't be had."""
    with pytest.raises(ValueError, match=r"the rate of click must lie between 0 and 0.293, not be 0.5"):
        datasets.shop(0, SMALL, datasets.Rates(click=0.5))


def test_smallest_shop():
    """One of everything, and the fewest products."""
    size = datasets.Size(users=1, items=20, brands=1, slates=1, positions=1)
    shop = datasets.shop(0, size, datasets.Rates(click=0.5))
    assert len(shop.impressions) == 1
    assert len(shop.users) == 1
