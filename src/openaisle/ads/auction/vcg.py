"""The Vickrey-Clarke-Groves auction for places (Aggarwal, Goel and Motwani, 2006, who call its prices a ladder)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from openaisle.ads.auction.bids import Award, Bid, ranked, require_falling, threshold


def vickrey_clarke_groves(bids: Iterable[Bid], examination: Sequence[int], reserve: int = 0) -> tuple[Award, ...]:
    """Everyone pays what their presence costs the others, so that bidding what a click is worth is best whatever the
    others do: for each step from the foot of the ladder up to a place, the views it adds cost what wins them.

    Arguments as for `generalised_second_price`. Holds with a reserve, and with any quality that bids have no part in,
    for bidders with one bid each, who judge one auction by itself.
    """
    require_falling(examination)
    order = ranked(bids, reserve)
    steps = [share - below for share, below in zip(examination, [*examination[1:], 0], strict=True)]
    return tuple(
        Award(bid, place, _price(order, place, steps, reserve)) for place, bid in enumerate(order[: len(examination)])
    )


def _price(order: Sequence[Bid], own: int, steps: Sequence[int], reserve: int) -> Fraction:
    """The mean of the thresholds from the bidder's place down, weighed by the views that each place adds."""
    below = range(own, len(steps))
    paid = sum((steps[place] * threshold(order, own, place, reserve) for place in below), Fraction(0))
    return paid / sum(steps[place] for place in below)
