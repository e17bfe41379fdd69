"""The generalised second price auction (Edelman, Ostrovsky and Schwarz, 2007; Varian, 2007)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import ceil

from openaisle.ads.auction.bids import Award, Bid, ranked, require_falling, threshold


def generalised_second_price(bids: Iterable[Bid], examination: Sequence[int], reserve: int = 0) -> tuple[Award, ...]:
    """Everyone pays the least whole amount that keeps their place; never more than they bid.

    `examination` is how often each place is looked at, in millionths, the best first; `reserve` is in minor units.
    Not truthful: a bidder may gain by bidding less than a click is worth.
    """
    require_falling(examination)
    order = ranked(bids, reserve)
    return tuple(
        Award(bid, place, Fraction(max(1, ceil(threshold(order, place, place, reserve)))))
        for place, bid in enumerate(order[: len(examination)])
    )
