"""What bidders bring to an auction, and what they leave with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Bid:
    """`amount` is the most a click may cost, in minor units; `quality` a whole number above 0, in millionths, by which
    bids are weighed: usually the rate of clicks in the best place. It must not depend on the amount."""

    bidder: str
    amount: int
    quality: int

    @property
    def score(self) -> int:
        return self.amount * self.quality


@dataclass(frozen=True, slots=True)
class Award:
    """A place, counted from 0 in the order of `examination`, and the price of a click there in minor units."""

    bid: Bid
    place: int
    price: Fraction


def quality_of(rate: float) -> int:
    """A rate of clicks in millionths, at least 1."""
    return max(1, round(rate * MILLION))


def ranked(bids: Iterable[Bid], reserve: int) -> list[Bid]:
    """Those that reach the reserve (minor units a click), best first; equals are ordered by bidder."""
    return sorted(
        (bid for bid in bids if bid.amount >= max(1, reserve)),
        key=lambda bid: (-bid.score, bid.bidder),
    )


def threshold(order: Sequence[Bid], own: int, place: int, reserve: int) -> Fraction:
    """The least that bidder `own` could bid and still stand at `place`, at or below its own, all others as they are."""
    below = order[place + 1] if place + 1 < len(order) else None
    least = Fraction(below.score, order[own].quality) if below is not None else Fraction(0)
    return max(Fraction(reserve), least)


def require_falling(examination: Sequence[int]) -> None:
    if any(share <= 0 for share in examination) or any(after > before for before, after in pairwise(examination)):
        raise ValueError("examination must be above 0 and may not rise from place to place")
