"""Auctions of slots. GSP: Edelman, Ostrovsky & Schwarz 2007; factors and ranking: Varian 2007.

VCG, where each pays for the harm done to the others: Vickrey 1961, Clarke 1971.
"""

from itertools import pairwise, permutations

from grader.checks.strategies.auctions import Bid, Slot, page


def score_of(ad: Bid) -> float:
    """What a click-through of this ad is expected to bring: bid times click probability."""
    return float(ad["bid"] * ad["pctr"])


def slow_ranking(bids: list[Bid], reserve: float) -> list[Bid]:
    """By definition: the best eligible ad, then the best of another advertiser's, and so on."""
    left = [ad for ad in bids if ad["bid"] >= reserve and ad["pctr"] > 0]
    ranking = []
    while left:
        top = max(map(score_of, left))
        best = min((ad for ad in left if score_of(ad) == top), key=lambda ad: str(ad["id"]))
        ranking.append(best)
        left = [ad for ad in left if ad["advertiser"] != best["advertiser"]]
    return ranking


def slow_gsp(bids: list[Bid], slots: list[float], reserve: float) -> list[Slot]:
    """By definition, one slot at a time."""
    ranking = slow_ranking(bids, reserve)
    rows = []
    for ad, below, factor in zip(ranking, [*ranking[1:], None], slots, strict=False):
        price = reserve if below is None else max(reserve, score_of(below) / ad["pctr"])
        rows.append((ad["id"], price, price * factor * ad["pctr"]))
    return page(*rows)


def most_welfare(bids: list[Bid], slots: list[float]) -> float:
    """The most that any way to fill the slots is worth, tried one by one; no advertiser has two."""
    shown = [*bids, *([None] * len(slots))]
    return max(
        sum(factor * score_of(ad) for ad, factor in zip(way, slots, strict=True) if ad)
        for way in permutations(shown, len(slots))
        if len(names := [ad["advertiser"] for ad in way if ad]) == len(set(names))
    )


def harm_done(bids: list[Bid], slots: list[float], place: int, ad: Bid) -> float:
    """What the others would have without this advertiser, less what they have."""
    others = [each for each in bids if each["advertiser"] != ad["advertiser"]]
    return most_welfare(others, slots) - (most_welfare(bids, slots) - slots[place] * score_of(ad))


def sorted_auction(bids: list[Bid], slots: list[float], without: str = "") -> list[Slot]:
    """The slowest GSP auction that we accept: plain Python, everything sorted."""
    seen: dict[str, Bid] = {}
    for bid in sorted(bids, key=lambda bid: (-bid["bid"] * bid["pctr"], bid["id"])):
        if bid["advertiser"] != without and bid["pctr"] > 0 and bid["bid"] >= 0:
            seen.setdefault(bid["advertiser"], bid)
    ranking = list(seen.values())
    rows = []
    for (ad, below), factor in zip(pairwise(ranking), slots, strict=False):
        price = below["bid"] * below["pctr"] / ad["pctr"]
        rows.append((ad["id"], price, price * factor * ad["pctr"]))
    return page(*rows)


def sorted_again_for_each(bids: list[Bid], slots: list[float]) -> list[str]:
    """What VCG may cost: the auction, and once more without each winner. Gives who is shown."""
    owners = {bid["id"]: bid["advertiser"] for bid in bids}
    shown = [each["id"] for each in sorted_auction(bids, slots)]
    for name in shown:
        sorted_auction(bids, slots, without=owners[name])
    return shown
