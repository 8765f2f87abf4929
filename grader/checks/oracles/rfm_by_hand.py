"""Logs and profiles of a few customers, summed up by hand: several checks ask about them."""

from grader.checks.strategies.purchase_logs import log_of, profiles_of, segments_of

# Half-life 2.5 days, so 1/2 is left after 2.5, 1/4 after 5, 1/8 after 7.5 and 1/16 after 10. Nothing is of today.
BAKERY = log_of(
    ("bob", "tart", "buy", 12.0, 2.5),
    ("ann", "roll", "cart", 40.0, 2.5),
    ("cy", "loaf", "view", 6.0, 10.0),
    ("ann", "bun", "view", 2.0, 5.0),
    ("bob", "bun", "buy", 32.0, 10.0),
    ("ann", "roll", "buy", 40.0, 7.5),
    ("cy", "loaf", "view", 6.0, 10.0),
)
BAKERY_PROFILES = {
    "ann recency": 2.5,
    "ann frequency": 3 / 2 + 1 / 4 + 5 / 8,
    "ann monetary": 40 / 8,
    "bob recency": 2.5,
    "bob frequency": 5 / 2 + 5 / 16,
    "bob monetary": 12 / 2 + 32 / 16,
    "cy recency": 10.0,
    "cy frequency": 1 / 16 + 1 / 16,
    "cy monetary": 0.0,
}
# One column that differs, and much: ln(1 + x) is 0.7, 1.1, 1.4, 3.7, 3.9 and 6.0.
SPREAD = profiles_of(dan=(7, 3, 20), ann=(7, 400, 20), eve=(7, 1, 20), bob=(7, 50, 20), cy=(7, 40, 20), fay=(7, 2, 20))
BY_LOG = {"dan": 1, "ann": 0, "eve": 1, "bob": 0, "cy": 0, "fay": 1}
BY_VALUE = {"dan": 1, "ann": 0, "eve": 1, "bob": 1, "cy": 1, "fay": 1}
# Half-life 10 days. Ann's own: tart (bought) and bun. Her segment: bob and cy.
STREET = log_of(
    ("bob", "bun", "view", 2.0, 30.0),
    ("ann", "tart", "buy", 4.0, 40.0),
    ("dan", "ham", "buy", 9.0, 10.0),
    ("cy", "pie", "cart", 8.0, 0.0),
    ("bob", "bun", "view", 2.0, 30.0),
    ("bob", "tart", "buy", 4.0, 10.0),
    ("cy", "egg", "buy", 1.0, 20.0),
    ("ann", "bun", "cart", 2.0, 0.0),
    ("dan", "ham", "buy", 9.0, 0.0),
    ("cy", "tart", "cart", 4.0, 20.0),
    ("bob", "bun", "view", 2.0, 30.0),
)
STREET_SEGMENTS = segments_of(cy=1, dan=0, bob=1, ann=1)
# Of each column, both the values and their logarithms part the same two users from the others.
REGULARS = profiles_of(dan=(4, 9, 70), ann=(80, 1, 2), eve=(3, 8, 60), bob=(90, 2, 3), cy=(70, 1, 1))
