"""Several ads on one page, by generalized second price and by VCG: the reference."""

import math
from itertools import accumulate, pairwise
from operator import mul
from typing import Any, NamedTuple


class _Ad(NamedTuple):
    """An ad that takes part."""

    id: str
    pctr: float
    score: float
    """Bid times pctr: money per view in a slot of factor 1."""


def run_gsp(bids: list[dict[str, Any]], slot_ctrs: list[float], reserve: float = 0.0) -> list[dict[str, Any]]:
    """Everybody pays the least bid that keeps their slot (Edelman et al. 2007), by scores as in Varian 2007."""
    _check_slots(slot_ctrs)
    ranking = _ranking(bids, reserve)
    page = []
    for slot, (factor, ad, below) in enumerate(zip(slot_ctrs, ranking, _scores_below(ranking), strict=False)):
        price = float(max(reserve, below / ad.pctr))
        page.append({"slot": slot, "id": ad.id, "price": price, "expected": price * factor * ad.pctr})
    return page


def vcg_payments(bids: list[dict[str, Any]], slot_ctrs: list[float]) -> list[dict[str, Any]]:
    """Everybody pays what the others would gain without them: each ad below would move up by a slot."""
    _check_slots(slot_ctrs)
    ranking = _ranking(bids)
    lost_per_step = [upper - lower for upper, lower in pairwise([*slot_ctrs, 0.0])]  # (K,); past the last slot is 0
    harms = [*map(mul, lost_per_step, _scores_below(ranking))]  # as many as slots are filled
    payments = [*accumulate(reversed(harms))][::-1]  # from the lowest slot up: everyone pays for all steps below
    page = []
    for slot, (factor, ad, payment) in enumerate(zip(slot_ctrs, ranking, payments, strict=False)):
        page.append({"slot": slot, "id": ad.id, "price": payment / (factor * ad.pctr), "expected": payment})
    return page


def revenue(allocation: list[dict[str, Any]]) -> float:
    """What one view of the page is expected to earn."""
    return math.fsum(ad["expected"] for ad in allocation)


def _ranking(bids: list[dict[str, Any]], reserve: float = 0.0) -> list[_Ad]:
    """The best eligible ad of each advertiser, best first."""
    _check_money(bids, reserve)
    eligible = [bid for bid in bids if bid["bid"] >= reserve and bid["pctr"] > 0]
    best: dict[str, _Ad] = {}
    for bid in sorted(eligible, key=lambda bid: (-bid["bid"] * bid["pctr"], bid["id"])):
        best.setdefault(bid["advertiser"], _Ad(bid["id"], bid["pctr"], bid["bid"] * bid["pctr"]))
    return list(best.values())


def _scores_below(ranking: list[_Ad]) -> list[float]:
    """For every place of the ranking, the score at the next one."""
    return [*(ad.score for ad in ranking[1:]), 0.0]


def _check_money(bids: list[dict[str, Any]], reserve: float) -> None:
    # Each is a range that NaN isn't in; `x < 0` would let it pass.
    if not 0 <= reserve < math.inf:
        raise ValueError(f"a reserve is a finite price, 0 or more, not {reserve}")
    for bid in bids:
        if not 0 <= bid["bid"] < math.inf:
            raise ValueError(f"ad {bid['id']} bids {bid['bid']}; a bid is finite, 0 or more")
        if not 0 <= bid["pctr"] <= 1:
            raise ValueError(f"ad {bid['id']} has a pctr of {bid['pctr']}, which is no probability")
    if len({bid["id"] for bid in bids}) < len(bids):
        raise ValueError("two ads have the same id")


def _check_slots(slot_ctrs: list[float]) -> None:
    if not all(0 < factor < math.inf for factor in slot_ctrs):
        raise ValueError(f"slot factors are finite and above 0, not {slot_ctrs}")
    if any(upper < lower for upper, lower in pairwise(slot_ctrs)):
        raise ValueError(f"slots come best first, not {slot_ctrs}")
