"""Random auctions, and what a bidder gains in one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from hypothesis import strategies as st

from openaisle.ads.auction import Award, Bid

Auction = Callable[[Sequence[Bid], Sequence[int], int], tuple[Award, ...]]

BIDS = st.lists(st.tuples(st.integers(1, 60), st.integers(1, 40)), min_size=1, max_size=6).map(
    lambda pairs: tuple(Bid(f"b{number}", amount, quality) for number, (amount, quality) in enumerate(pairs))
)
PLACES = st.lists(st.integers(1, 100), min_size=1, max_size=4).map(lambda shares: sorted(shares, reverse=True))
RESERVES = st.integers(0, 30)


def gain(auction: Auction, bids: Sequence[Bid], places: Sequence[int], reserve: int, own: Bid, said: int) -> Fraction:
    """What bidder `own`, to whom a click is worth `own.amount`, gains a view when bidding `said`."""
    told = [replace(bid, amount=said) if bid.bidder == own.bidder else bid for bid in bids]
    for award in auction(told, places, reserve):
        if award.bid.bidder == own.bidder:
            return places[award.place] * own.quality * (own.amount - award.price)
    return Fraction(0)


def revenue(awards: Sequence[Award], places: Sequence[int]) -> Fraction:
    return sum((places[award.place] * award.bid.quality * award.price for award in awards), Fraction(0))
