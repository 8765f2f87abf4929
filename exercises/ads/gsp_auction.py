"""Several ads on one page: generalized second price and VCG. The task: gsp_auction.md.

You may import the standard library and numpy; no other library, such as pandas, scipy, sklearn or keras.
"""

from typing import Any


def run_gsp(bids: list[dict[str, Any]], slot_ctrs: list[float], reserve: float = 0.0) -> list[dict[str, Any]]:
    """Fill the slots of a page and price them by the generalized second price.

    Each bid is {"id": str, "advertiser": str, "bid": money per click, "pctr": clicks per view, 0 to 1}; `slot_ctrs`
    (K,) says by what factor each slot changes the clicks, best first; `reserve` is money per click. Gives
    {"slot": int, "id": str, "price": money per click, "expected": money per view of the page} for each slot that is
    filled, best first. Raises ValueError for numbers that cannot be, a repeated id, or slots that get better.

    >>> tea = {"id": "tea", "advertiser": "Ana", "bid": 2.0, "pctr": 0.5}
    >>> cup = {"id": "cup", "advertiser": "Ben", "bid": 3.0, "pctr": 0.25}
    >>> run_gsp([cup, tea], [0.5])  # scores 0.75 and 1
    [{'slot': 0, 'id': 'tea', 'price': 1.5, 'expected': 0.375}]
    """
    raise NotImplementedError


def vcg_payments(bids: list[dict[str, Any]], slot_ctrs: list[float]) -> list[dict[str, Any]]:
    """Fill the slots as `run_gsp` does without a reserve, and price them by Vickrey, Clarke and Groves.

    Takes and gives the same, and refuses the same.

    >>> tea = {"id": "tea", "advertiser": "Ana", "bid": 2.0, "pctr": 0.5}
    >>> cup = {"id": "cup", "advertiser": "Ben", "bid": 3.0, "pctr": 0.25}
    >>> vcg_payments([cup, tea], [1.0, 0.5])[0]  # without tea, cup would have 0.5 clicks per pctr more
    {'slot': 0, 'id': 'tea', 'price': 0.75, 'expected': 0.375}
    """
    raise NotImplementedError


def revenue(allocation: list[dict[str, Any]]) -> float:
    """Add up what one view of the page is expected to earn, whichever function filled it.

    >>> revenue([{"slot": 0, "id": "tea", "price": 1.5, "expected": 0.375}])
    0.375
    """
    raise NotImplementedError
