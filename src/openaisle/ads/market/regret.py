"""What bidders would have gained by not bidding what a click is worth to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from openaisle.ads.auction import Bid, quality_of
from openaisle.ads.market.population import Market
from openaisle.ads.serving import Auction

GRID = tuple(round(0.1 * step, 1) for step in range(21))
"""Deviations, as multiples of the true worth: from nothing to twice as much."""


@dataclass(frozen=True, slots=True)
class Regret:
    """Over bidders of many auctions: how many could have gained by one of the deviations, and the largest gain, in
    minor units for each click in the first place. `revenue` is in minor units a search."""

    bidders: int
    deviations: int
    paying: int
    largest: float
    revenue: float


def regret(market: Market, auction: Auction, examination: Sequence[int], auctions: int, seed: int) -> Regret:
    """Every bidder of `auctions` drawn auctions tries every deviation of the grid, all others bidding the truth."""
    chance = np.random.default_rng([seed, 2])
    bidders = tried = paying = 0
    largest, revenue = 0.0, Fraction(0)
    for _ in range(auctions):
        bids = _drawn(market, chance)
        awards = auction(bids, examination, 1)
        revenue += sum((examination[each.place] * each.bid.quality * each.price for each in awards), Fraction(0))
        for own in bids:
            honest = _gain(auction, bids, examination, own, own.amount)
            gains = [_gain(auction, bids, examination, own, round(own.amount * factor)) for factor in GRID]
            bidders, tried = bidders + 1, tried + len(gains)
            if max(gains) > honest:
                paying += 1
                largest = max(largest, float((max(gains) - honest) / (examination[0] * own.quality)))
    return Regret(bidders, tried, paying, largest, float(revenue) / 1e12 / auctions)


def _drawn(market: Market, chance: np.random.Generator) -> list[Bid]:
    """The bidders of one search: those with its words, each with the true rate of its ad as quality."""
    query = market.queries[int(chance.integers(len(market.queries)))]
    rivals = [each for each in market.campaigns if query.text in {keyword.text for keyword in each.keywords}] or list(
        market.campaigns[:3]
    )
    return [Bid(each.id, each.bid, quality_of(market.rate(each.id, each.products[0], query))) for each in rivals]


def _gain(auction: Auction, bids: Sequence[Bid], examination: Sequence[int], own: Bid, said: int) -> Fraction:
    told = [replace(bid, amount=said) if bid.bidder == own.bidder else bid for bid in bids]
    awards = auction(told, examination, 1)
    return sum(
        (
            examination[award.place] * own.quality * (own.amount - award.price)
            for award in awards
            if award.bid.bidder == own.bidder
        ),
        Fraction(0),
    )
