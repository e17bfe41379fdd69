"""Two days of a market and the figures that the room is judged by: one to learn from, one to measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sqlalchemy import Engine

from openaisle.ads.auction import generalised_second_price, vickrey_clarke_groves
from openaisle.ads.audit import audit
from openaisle.ads.billing import Billing
from openaisle.ads.board import Reader
from openaisle.ads.campaign import DAY_MS
from openaisle.ads.campaigns import Campaigns
from openaisle.ads.exposures import Exposures
from openaisle.ads.ledger import Ledger
from openaisle.ads.market.day import EVENING, Diary, Stage, live, of_people
from openaisle.ads.market.population import Market, looked_at
from openaisle.ads.market.regret import Regret, regret
from openaisle.ads.pacing import pacing_error
from openaisle.ads.prediction.history import Outcome, clicks_of, outcomes
from openaisle.ads.prediction.rates import RateModel
from openaisle.ads.prediction.reliability import Reliability, reliability
from openaisle.ads.report import Figures, Span, report
from openaisle.ads.sealing import Seal
from openaisle.ads.serving import AdServer, Auction, Rules, examination_of
from openaisle.ads.targeting import Targets
from openaisle.storage import migrate, open_engine

_START = 20_000 * DAY_MS
_REFRESH = 60_000
"""Milliseconds of the market's day between two looks at the store; a shop looks every second of its own."""
_HELD_BACK = 0.3
"""Share of the first day's showings that rates are calibrated on."""


@dataclass(frozen=True, slots=True)
class Trial:
    """`overspent` is the most by which a campaign went over a budget, in minor units; `constrained` campaigns were
    throttled for most of the second day, the others took part in all they could; `pacing_errors` are the former's."""

    diary: Diary
    figures: Figures
    budget: int
    overspent: int
    discrepancies: int
    constrained: tuple[str, ...]
    pacing_errors: tuple[float, ...]
    reliability: Reliability
    examination: dict[int, tuple[float, float]]
    vcg: Regret
    gsp: Regret

    def as_dict(self) -> dict[str, Any]:
        return {
            "searches": self.diary.searches,
            "pages_with_ads": self.diary.pages_with_ads,
            "impressions": self.diary.taken.impressions,
            "clicks_billed": self.diary.taken.billed,
            "clicks_free": self.diary.taken.free,
            "orders": self.diary.taken.orders,
            "spend": self.figures.spend,
            "budget": self.budget,
            "overspent": self.overspent,
            "discrepancies": self.discrepancies,
            "constrained_campaigns": len(self.constrained),
            "pacing_error_mean": _mean(self.pacing_errors),
            "pacing_error_max": max(self.pacing_errors, default=0.0),
            "ece": self.reliability.ece,
            "predicted_over_observed": self.reliability.ratio,
            "log_loss": self.reliability.log_loss,
            "log_loss_of_mean": self.reliability.log_loss_of_mean,
            "reliability": [each.as_dict() for each in self.reliability.bins],
            "examination": {str(place): {"found": f, "true": t} for place, (f, t) in self.examination.items()},
            "vcg": _told(self.vcg),
            "gsp": _told(self.gsp),
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """`searches` are those of a day; `auctions` are tried for gainful deviations."""

    seed: int = 0
    searches: int = 20_000
    auctions: int = 200
    auction: Auction = vickrey_clarke_groves


def trial(market: Market, plan: Plan) -> Trial:
    """In a store of its own that is thrown away; the same for the same arguments."""
    with TemporaryDirectory() as folder:
        database = open_engine(f"sqlite:///{Path(folder) / 'market.db'}")
        migrate(database)
        try:
            return _tried(database, market, plan)
        finally:
            database.dispose()


def _tried(database: Engine, market: Market, plan: Plan) -> Trial:
    for campaign in market.campaigns:
        Campaigns(database).add(campaign)
    stage = _stage(database, market, plan, RateModel())
    first = live(stage, _START, plan.searches, plan.seed)
    model = _learnt(outcomes(of_people(first.events), stage.billing.opened))
    stage = _stage(database, market, plan, model)
    second = live(stage, _START + DAY_MS, plan.searches, plan.seed)
    counts = clicks_of(outcomes(of_people(second.events), stage.billing.opened))
    day = market.campaigns[0].day(_START + DAY_MS)
    constrained = tuple(id for id, rates in sorted(second.rates.items()) if float(np.median(rates)) < 1)
    examination = [round(1e6 * looked_at(slot)) for slot in Rules().slots]
    return Trial(
        diary=second,
        figures=_total(database, Span(since=day, until=day)),
        budget=sum(campaign.daily_budget for campaign in market.campaigns),
        overspent=_overspent(stage, market),
        discrepancies=len(audit(database)),
        constrained=constrained,
        pacing_errors=tuple(pacing_error(second.tracks[id]) for id in constrained),
        reliability=reliability(model.expected(counts), counts.views, counts.clicks),
        examination=_examination(model),
        vcg=regret(market, vickrey_clarke_groves, examination, plan.auctions, plan.seed),
        gsp=regret(market, generalised_second_price, examination, plan.auctions, plan.seed),
    )


def _stage(database: Engine, market: Market, plan: Plan, model: RateModel) -> Stage:
    ledger, seal = Ledger(database), Seal(b"a market that is made up, and its secret")
    currency = market.campaigns[0].currency
    reader = Reader(
        Campaigns(database), ledger, lambda each: Targets(each, str.split), currency, EVENING, refresh=_REFRESH
    )
    rules = Rules(examination=examination_of([looked_at(slot) for slot in Rules().slots]), auction=plan.auction)
    server = AdServer(
        reader, Exposures(database), seal.seal, model.sampled, rules, np.random.default_rng([plan.seed, 3])
    )
    return Stage(market, server, Billing(database, seal, ledger), ledger)


def _learnt(seen: Sequence[Outcome]) -> RateModel:
    """Learnt from the first part of a day and calibrated on the rest."""
    cut = round(len(seen) * (1 - _HELD_BACK))
    return RateModel().learnt(clicks_of(seen[:cut])).calibrated(clicks_of(seen[cut:]))


def _total(database: Engine, span: Span) -> Figures:
    return sum((line.figures for line in report(database, span).totals), Figures())


def _overspent(stage: Stage, market: Market) -> int:
    """Over both days."""
    over = 0
    for day in (_START, _START + DAY_MS):
        for campaign in market.campaigns:
            spent = stage.ledger.spent([campaign.id], campaign.day(day))[campaign.id]
            over = max(over, spent.total - campaign.daily_budget)
    return over


def _examination(model: RateModel) -> dict[int, tuple[float, float]]:
    """Found and true examination of each place against the first slot."""
    first = min(model.examination)
    return {
        place: (look.share, looked_at(place) / looked_at(first)) for place, look in sorted(model.examination.items())
    }


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _told(found: Regret) -> dict[str, float]:
    return {
        "bidders": found.bidders,
        "deviations": found.deviations,
        "bidders_that_could_gain": found.paying,
        "largest_gain": found.largest,
        "revenue_per_search": found.revenue,
    }
