"""A day of searches through the real ad server and the real books."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from openaisle.ads.billing import Billing, Taken
from openaisle.ads.campaign import DAY_MS, HOUR_MS
from openaisle.ads.ledger import Ledger
from openaisle.ads.market.population import Market, Query, clicked_share
from openaisle.ads.pacing import TrafficCurve, passed_of_day
from openaisle.ads.placing import Ad
from openaisle.ads.serving import AdServer, Ask
from openaisle.events.event import Event, Kind, Source

_MINUTE = 60_000
_SHOPPERS = 4
"""Searches a shopper makes in a day, on average."""
_ROBOTS = 0.01
"""Share of searches that a program makes, which clicks on every ad."""
ROBOT = "robot"
_ORDERED = 0.05
_SAMPLES = 144
"""Looks at the budgets in a day: one every ten minutes."""

EVENING = TrafficCurve.of([2, 1, 1, 1, 1, 2, 3, 5, 6, 6, 6, 7, 8, 7, 6, 6, 7, 8, 10, 12, 13, 11, 6, 3])
"""A usual day of a shop: quiet at night, busiest in the evening."""


@dataclass(slots=True)
class Diary:
    """What happened. `tracks` holds a campaign's (share of its traffic passed, share of its budget spent) over the day;
    `rates` the rates at which pacing let each take part."""

    events: list[Event] = field(default_factory=list)
    taken: Taken = field(default_factory=Taken)
    tracks: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    rates: dict[str, list[float]] = field(default_factory=dict)
    searches: int = 0
    pages_with_ads: int = 0


@dataclass(frozen=True, slots=True)
class Stage:
    """A market and the parts that serve it."""

    market: Market
    server: AdServer
    billing: Billing
    ledger: Ledger
    curve: TrafficCurve = EVENING


@dataclass(frozen=True, slots=True)
class Visit:
    """Who does something, and when (milliseconds since 1970)."""

    time: int
    shopper: str


def live(stage: Stage, start: int, searches: int, seed: int) -> Diary:
    """A day from `start` (milliseconds since 1970, a midnight in UTC). What happened is billed once a minute."""
    chance = np.random.default_rng([seed, start // DAY_MS])
    diary, pending, seen = Diary(), list[Event](), stage.billing.position()
    minute, sample = start, start
    for time, query in _searches(stage, start, searches, chance):
        if time >= minute + _MINUTE:
            seen = _billed(stage, diary, pending, seen)
            minute = time
        while time >= sample:
            _look(stage, diary, sample)
            sample += DAY_MS // _SAMPLES
        pending += _happened(stage, diary, time, query, chance)
    _billed(stage, diary, pending, seen)
    _look(stage, diary, start + DAY_MS - 1)
    return diary


def of_people(events: Iterable[Event]) -> list[Event]:
    """Without what programs did: the log of a shop marks it, and it is not learnt from."""
    return [event for event in events if event.shopper != ROBOT]


def _searches(stage: Stage, start: int, count: int, chance: np.random.Generator) -> Iterator[tuple[int, Query]]:
    hours = chance.choice(24, count, p=np.array(stage.curve.shares))
    times: NDArray[np.int64] = np.sort(start + hours * HOUR_MS + chance.integers(0, HOUR_MS, count))
    weights = np.array([query.weight for query in stage.market.queries])
    chosen = chance.choice(len(weights), count, p=weights / weights.sum())
    return ((int(time), stage.market.queries[number]) for time, number in zip(times, chosen, strict=True))


def _happened(stage: Stage, diary: Diary, time: int, query: Query, chance: np.random.Generator) -> list[Event]:
    """The events of one search: what was shown, and what a shopper (or a program) did about it."""
    diary.searches += 1
    robot = bool(chance.random() < _ROBOTS)
    shopper = ROBOT if robot else f"shopper {chance.integers(0, max(1, diary.searches // _SHOPPERS + 200))}"
    query_id = f"{time}-{diary.searches}"
    ads = stage.server.choose(
        Ask(query.text, query_id, time, query.organic, lambda ids: _scores(query, ids), shopper=shopper)
    )
    diary.pages_with_ads += bool(ads)
    return [event for ad in ads for event in _met(stage.market, ad, query, Visit(time, shopper), chance)]


def _met(market: Market, ad: Ad, query: Query, visit: Visit, chance: np.random.Generator) -> Iterator[Event]:
    yield _event(Kind.IMPRESSION, ad, query, visit)
    if visit.shopper == ROBOT or chance.random() < clicked_share(market, ad, query):
        later = visit.time + int(chance.integers(500, 30_000))
        yield _event(Kind.CLICK, ad, query, replace(visit, time=later))
        if chance.random() < _ORDERED:
            yield _event(Kind.ORDER, ad, query, replace(visit, time=later + 10 * _MINUTE))


def _event(kind: Kind, ad: Ad, query: Query, visit: Visit) -> Event:
    return Event(
        id=f"{kind} {ad.token}",
        kind=kind,
        time=visit.time,
        shopper=visit.shopper,
        query_id=ad.query_id,
        query=query.text,
        product_id=ad.product_id,
        position=ad.position,
        price=25.0 if kind is Kind.ORDER else None,
        source=Source.OTHER if kind is Kind.ORDER else Source.AD,
        placement="" if kind is Kind.ORDER else f"search/{ad.token}",
        campaign=ad.campaign_id,
    )


def _scores(query: Query, ids: Sequence[str]) -> dict[str, float]:
    return {id: query.relevance[id] for id in ids if id in query.relevance}


def _billed(stage: Stage, diary: Diary, pending: list[Event], seen: int) -> int:
    """Hand over what happened, numbered as a log would; returns the last number."""
    diary.taken += stage.billing.take(enumerate(pending, seen + 1))
    diary.events += pending
    last = seen + len(pending)
    pending.clear()
    return last


def _look(stage: Stage, diary: Diary, time: int) -> None:
    rates = stage.server.reader.board(time).rates
    days = {campaign.day(time) for campaign in stage.market.campaigns}
    ids = [campaign.id for campaign in stage.market.campaigns]
    spends = {day: stage.ledger.spent(ids, day) for day in days}
    for campaign in stage.market.campaigns:
        spent = spends[campaign.day(time)][campaign.id].total
        passed = passed_of_day(stage.curve, campaign.schedule.hours, campaign.local(time))
        diary.rates.setdefault(campaign.id, []).append(rates.get(campaign.id, 0.0))
        diary.tracks.setdefault(campaign.id, []).append((passed, spent / campaign.daily_budget))
