"""Ads among organic results: labelled, explained, and each product once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any, Generic, Protocol, TypeVar


class Identified(Protocol):
    """A hit, as far as arranging a page needs to know it."""

    @property
    def id(self) -> str: ...


_Hit = TypeVar("_Hit", bound=Identified)


@dataclass(frozen=True, slots=True)
class Ad:
    """An ad that won a place. `position` counts from 1 on the page; `price` is what a click costs, in minor units, and
    stays in the house; `relevance` is on the scale of the page's scores, `floor` the least it had to be."""

    campaign_id: str
    advertiser: str
    product_id: str
    query_id: str
    keyword: str
    how: str
    position: int
    price: int
    relevance: float
    floor: float
    token: str

    def as_dict(self) -> dict[str, Any]:
        """What the page says of it; `campaign`, `query_id` and `token` come back with a click."""
        return {
            "campaign": self.campaign_id,
            "advertiser": self.advertiser,
            "query_id": self.query_id,
            "token": self.token,
            "explanation": self.explanation(),
        }

    def explanation(self) -> Mapping[str, Any]:
        """Why this ad stands here, for the shopper and for the shop."""
        matched = "meaning" if self.how == "topic" else f"{self.how} keyword"
        return {"matched": matched, "keyword": self.keyword, "relevance": self.relevance, "floor": self.floor}


@dataclass(frozen=True, slots=True)
class Placed(Generic[_Hit]):
    """A place of the page; `ad` is None for an organic result."""

    hit: _Hit
    ad: Ad | None = None

    @property
    def sponsored(self) -> bool:
        return self.ad is not None


def place(organic: Sequence[_Hit], ads: Sequence[tuple[Ad, _Hit]], size: int) -> tuple[Placed[_Hit], ...]:
    """The page with ads in their positions, at most `size` long; the organic results keep their order around them.

    A product that stands higher by its own merit is not shown as an ad; one that stands lower is shown as an ad alone.
    The page never ends with an ad that has nothing organic before it.
    """
    waiting = {ad.position: (ad, hit) for ad, hit in ads}
    page: list[Placed[_Hit]] = []
    shown: set[str] = set()
    remaining = iter(organic)
    while len(page) < size:
        following = _next_ad(waiting, len(page) + 1, shown)
        if following is None:
            hit = _next_organic(remaining, shown)
            if hit is None:
                break
            following = Placed(hit)
        page.append(following)
        shown.add(following.hit.id)
    return tuple(page)


def _next_ad(waiting: Mapping[int, tuple[Ad, _Hit]], position: int, shown: set[str]) -> Placed[_Hit] | None:
    ad, hit = waiting.get(position, (None, None))
    if ad is None or hit is None or hit.id in shown:
        return None
    return Placed(hit, ad)


def _next_organic(remaining: Iterator[_Hit], shown: set[str]) -> _Hit | None:
    return next((hit for hit in remaining if hit.id not in shown), None)


def loss_bound(slots: Sequence[int], size: int = 10) -> float:
    """The most by which nDCG of the organic results can fall when ads that are worth nothing take these positions,
    whatever the judgments: the organic results each move down a little, and the last ones off the page.

    A loss is linear in the gains, and the ideal is so for gains of one order, so the worst judgments are those that
    call the m results that lose most good, and nothing else.
    """
    discounts = [1 / log2(rank + 1) for rank in range(1, size + 1)]
    kept = [position for position in range(1, size + 1) if position not in slots]
    moved = [discounts[position - 1] for position in kept] + [0.0] * (size - len(kept))
    losses = sorted((before - after for before, after in zip(discounts, moved, strict=True)), reverse=True)
    return max(sum(losses[:count]) / sum(discounts[:count]) for count in range(1, size + 1))
