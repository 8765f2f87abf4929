"""Users' baskets of items, and similarities between items.

Logs have 1 to 14 events of four users and five items. Similarities are eighths in (0, 1], of 3 to 5 items. Histories
have 0 to 4 items; one that may be in them has no similarities. `ks` are numbers of neighbours, None among them.
"""

from hypothesis import strategies as st

Events = list[tuple[str, str]]
Sims = dict[str, dict[str, float]]
Scored = list[tuple[str, float]]

# Few users and items, so that most pairs of items share some, and repeated events are frequent.
events = st.lists(st.tuples(st.sampled_from("uvwx"), st.sampled_from("abcde")), min_size=1, max_size=14)
shrinks = st.sampled_from([0.0, 0.5, 1.0, 10.0])

ITEMS = ["a", "b", "c", "d", "i10", "i2"]

histories = st.sets(st.sampled_from([*ITEMS, "new"]), max_size=4)
ks = st.none() | st.integers(0, 3)


@st.composite
def full_baskets(draw: st.DrawFn) -> Events:
    """Users of equally many items, 2 to 4, so that there are pairs."""
    size = draw(st.integers(2, 4))
    baskets = draw(st.lists(st.permutations("abcde"), min_size=1, max_size=4))
    return [(user, item) for user, basket in zip("uvwx", baskets, strict=False) for item in basket[:size]]


@st.composite
def shuffled_baskets(draw: st.DrawFn) -> tuple[Events, Events]:
    """Events, and the same in another order, some of them repeated."""
    few = draw(full_baskets())
    repeated = draw(st.lists(st.sampled_from(few), max_size=4))
    return few, draw(st.permutations(few + repeated))


@st.composite
def rows_of_eighths(draw: st.DrawFn) -> Sims:
    """Similarities of some of the items to others, not symmetric, exact in binary."""
    rows: Sims = {}
    for item in draw(st.lists(st.sampled_from(ITEMS), min_size=3, max_size=5, unique=True)):
        others = st.sampled_from([other for other in ITEMS if other != item])
        rows[item] = draw(st.dictionaries(others, st.integers(1, 8).map(lambda eighths: eighths / 8), min_size=2))
    return rows
