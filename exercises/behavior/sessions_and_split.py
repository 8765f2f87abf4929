"""Sessions from a log of events, and two ways to split it into train and test. The task: sessions_and_split.md.

You may import the standard library, numpy and pandas; no other library, such as scipy, sklearn or keras.
"""

import pandas as pd


def sessionize(events: pd.DataFrame, gap: int = 1800) -> pd.Series:
    """Number the visits: a user's next event belongs to the same session unless more than `gap` seconds went by.

    `events` has one event a row: user_id and item_id (text), timestamp (seconds, integer). Gives each row's session, an
    integer from 0, by the labels of `events` and in its order.
    Raises ValueError for a negative gap, and for a missing timestamp.

    >>> events = pd.DataFrame({"user_id": ["bob", "ann", "bob"], "item_id": ["mug", "mug", "rug"]}, index=[5, 6, 7])
    >>> sessionize(events.assign(timestamp=[60, 0, 0])).to_dict()
    {5: 1, 6: 0, 7: 1}
    """
    raise NotImplementedError


def temporal_split(events: pd.DataFrame, cutoff: int, known_only: bool = True) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split at one moment for everybody: train is before `cutoff` (seconds), test is from then on.

    With `known_only`, test has only rows whose user and whose item are in train. Gives (train, test): rows of `events`
    as they were, in its order.
    Raises ValueError for a missing timestamp.

    >>> events = pd.DataFrame({"user_id": ["ann"] * 3, "item_id": ["mug", "mug", "rug"], "timestamp": [1, 2, 3]})
    >>> [part.index.tolist() for part in temporal_split(events, cutoff=2)]
    [[0], [1]]
    """
    raise NotImplementedError


def leave_last_out(events: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hold out the last event of every user who has two or more.

    Gives (train, test): rows of `events` as they were, in its order.
    Raises ValueError for a missing timestamp.

    >>> events = pd.DataFrame({"user_id": ["ann", "ann", "bob"], "item_id": ["mug"] * 3, "timestamp": [2, 1, 3]})
    >>> [part.index.tolist() for part in leave_last_out(events)]
    [[1, 2], [0]]
    """
    raise NotImplementedError
