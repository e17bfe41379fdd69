"""The ads of one search: who fits, who may, who wins, and what a click would cost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from openaisle.ads.auction import Award, Bid, quality_of, vickrey_clarke_groves
from openaisle.ads.auction.bids import MILLION
from openaisle.ads.board import Board, Reader
from openaisle.ads.exposures import Exposures
from openaisle.ads.floor import relevance_floor
from openaisle.ads.money import rounded
from openaisle.ads.pacing import participates
from openaisle.ads.placing import Ad
from openaisle.ads.prediction.features import Shown, tenths
from openaisle.ads.sealing import Showing
from openaisle.ads.targeting import Eligible

Scored = Callable[[Sequence[str]], Mapping[str, float]]
"""Product ids to scores of a query, on the scale of its page; products that do not match it are left out."""
Sealed = Callable[[Showing], str]
"""A showing to its token."""
Auction = Callable[[Sequence[Bid], Sequence[int], int], tuple[Award, ...]]


class Quality(Protocol):
    """Ads of one search to the rates of clicks they deserve in the first place."""

    def __call__(self, shown: Sequence[Shown], chance: np.random.Generator) -> NDArray[np.float64]: ...


@dataclass(frozen=True, slots=True)
class Ask:
    """A search for which ads are wanted. `organic` are the scores of its page, best first; `shopper` is "" where
    unknown; `time` is in milliseconds since 1970; `meaning` is the query's vector."""

    query: str
    query_id: str
    time: int
    organic: Sequence[float]
    scored: Scored
    shopper: str = ""
    meaning: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """`slots` are positions on the page, from 1, with how often each is looked at, in millionths; `floor` is a quantile
    of the page's scores; `reserve` is the least that a click costs, in minor units."""

    slots: tuple[int, ...] = (4, 9)
    examination: tuple[int, ...] = (600_000, 300_000)
    floor: float = 0.25
    reserve: int = 1
    auction: Auction = vickrey_clarke_groves


@dataclass(frozen=True, slots=True)
class Candidate:
    """A campaign with its product that answers the query best, and how well."""

    fit: Eligible
    product_id: str
    relevance: float
    quality: float = 0.0


@dataclass(slots=True)
class AdServer:
    """Safe for many threads. Showing ads writes nothing; see `sealing`."""

    reader: Reader
    exposures: Exposures
    sealed: Sealed
    quality: Quality
    rules: Rules = field(default_factory=Rules)
    chance: np.random.Generator = field(default_factory=np.random.default_rng)
    _drawing: threading.Lock = field(default_factory=threading.Lock)

    def running(self, time: int) -> bool:
        """Whether any campaign may want a place (`time` in milliseconds since 1970). Raises `StorageError`."""
        return bool(self.reader.board(time).rates)

    def choose(self, ask: Ask) -> tuple[Ad, ...]:
        """The winners in order of their positions; none is less relevant than the floor."""
        free = sum(slot <= len(ask.organic) for slot in self.rules.slots)
        if not free:
            return ()
        floor = relevance_floor(ask.organic, self.rules.floor)
        board = self.reader.board(ask.time)
        fitting = self._allowed(board.targets.eligible(ask.query, ask.time, ask.meaning), board, ask)
        candidates = self._judged(_relevant(fitting, ask, floor, _ceiling(ask.organic, self.rules.slots)), ask)
        awards = self._held(_one_an_advertiser(candidates), free)
        ads = tuple(self._ad(award, candidates[award.bid.bidder], floor, ask) for award in awards)
        for ad in ads:
            self.exposures.shown(ask.shopper, ad.campaign_id, ask.time)
        return ads

    def _allowed(self, fitting: Sequence[Eligible], board: Board, ask: Ask) -> list[Eligible]:
        """Those with money left that pacing lets take part now, and that the shopper has not seen too often."""
        draws = self._drawn(len(fitting))
        paced = [
            fit
            for fit, draw in zip(fitting, draws, strict=True)
            if participates(board.rates.get(fit.campaign.id, 0.0), draw)
        ]
        capped = self.exposures.capped([fit.campaign for fit in paced], ask.shopper, ask.time)
        return [fit for fit in paced if fit.campaign.id not in capped]

    def _judged(self, candidates: Sequence[Candidate], ask: Ask) -> dict[str, Candidate]:
        if not candidates:
            return {}
        best = max(ask.organic)
        shown = [
            Shown(each.fit.campaign.id, each.product_id, ask.query, each.fit.how, tenths(each.relevance, best))
            for each in candidates
        ]
        with self._drawing:
            rates = self.quality(shown, self.chance)
        return {
            each.fit.campaign.id: Candidate(each.fit, each.product_id, each.relevance, float(rate))
            for each, rate in zip(candidates, rates, strict=True)
        }

    def _held(self, candidates: Sequence[Candidate], free: int) -> tuple[Award, ...]:
        """The auction of the first slots, as many as the page reaches."""
        bids = [Bid(each.fit.campaign.id, each.fit.bid, quality_of(each.quality)) for each in candidates]
        return self.rules.auction(bids, self.rules.examination[:free], self.rules.reserve)

    def _ad(self, award: Award, candidate: Candidate, floor: float, ask: Ask) -> Ad:
        campaign, position = candidate.fit.campaign, self.rules.slots[award.place]
        price = rounded(award.price, self._drawn(1)[0])
        showing = Showing(
            campaign_id=campaign.id,
            product_id=candidate.product_id,
            query_id=ask.query_id,
            price=price,
            time=ask.time,
            keyword=candidate.fit.keyword,
            position=position,
            relevance=tenths(candidate.relevance, max(ask.organic)),
        )
        return Ad(
            campaign_id=campaign.id,
            advertiser=campaign.advertiser,
            product_id=candidate.product_id,
            query_id=ask.query_id,
            keyword=candidate.fit.said,
            how=candidate.fit.how,
            position=position,
            price=price,
            relevance=candidate.relevance,
            floor=floor,
            token=self.sealed(showing),
        )

    def _drawn(self, count: int) -> list[float]:
        with self._drawing:
            return [float(draw) for draw in self.chance.random(count)]


def _relevant(fitting: Sequence[Eligible], ask: Ask, floor: float, ceiling: float) -> list[Candidate]:
    """Each campaign with its best product that reaches the floor and does not stand before the first slot anyway."""
    if not fitting:
        return []
    scores = ask.scored(list(dict.fromkeys(id for fit in fitting for id in fit.campaign.products)))
    found = []
    for fit in fitting:
        fair = [id for id in fit.campaign.products if id in scores and floor <= scores[id] < ceiling]
        best = max(fair, key=lambda id: scores[id], default=None)
        if best is not None:
            found.append(Candidate(fit, best, scores[best]))
    return found


def _ceiling(organic: Sequence[float], slots: Sequence[int]) -> float:
    """The score from which on a product stands before the first slot by its own merit."""
    return organic[slots[0] - 1] if slots and len(organic) >= slots[0] else float("inf")


def _one_an_advertiser(candidates: Mapping[str, Candidate]) -> list[Candidate]:
    """An advertiser with several campaigns enters with the best: no one bids against themselves, or fills the page."""
    best: dict[str, Candidate] = {}
    for each in candidates.values():
        held = best.get(each.fit.campaign.advertiser)
        if held is None or each.fit.bid * each.quality > held.fit.bid * held.quality:
            best[each.fit.campaign.advertiser] = each
    return list(best.values())


def examination_of(shares: Sequence[float]) -> tuple[int, ...]:
    """Shares of shoppers that look at each slot in millionths, never rising from slot to slot."""
    falling: list[int] = []
    for share in shares:
        falling.append(max(1, min([round(share * MILLION), *falling[-1:]])))
    return tuple(falling)
