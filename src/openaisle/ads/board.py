"""What a process knows of the campaigns at a moment: who runs, what they spent, how often they take part."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from openaisle.ads.campaign import Campaign, Status
from openaisle.ads.campaigns import Campaigns
from openaisle.ads.clicks import Budget, Spend
from openaisle.ads.ledger import Ledger
from openaisle.ads.pacing import Pacer, TrafficCurve, passed_of_day
from openaisle.ads.targeting import Targets

Aim = Callable[[Sequence[Campaign]], Targets]
"""Running campaigns to what finds them; encodes their topics, so it is called only when campaigns change."""


@dataclass(frozen=True, slots=True)
class Board:
    """`rates` is the share of auctions each campaign takes part in; those that spent their budget are not in it."""

    targets: Targets
    campaigns: Mapping[str, Campaign]
    rates: Mapping[str, float]


@dataclass(slots=True)
class _Known:
    """What the last reading found."""

    at: int
    stamp: tuple[int, str]
    board: Board


@dataclass(slots=True)
class Reader:
    """Keeps a board up to date. Safe for many threads: one reads the store again while the others go on with what they
    have. `refresh` is in milliseconds."""

    campaigns: Campaigns
    ledger: Ledger
    aim: Aim
    currency: str
    curve: TrafficCurve = field(default_factory=TrafficCurve.flat)
    refresh: int = 1000
    _known: _Known | None = None
    _pacers: dict[str, Pacer] = field(default_factory=dict)
    _reading: threading.Lock = field(default_factory=threading.Lock)

    def board(self, time: int) -> Board:
        """The board as of `time` (milliseconds since 1970), at most `refresh` old."""
        known = self._known
        if known is not None and 0 <= time - known.at < self.refresh:
            return known.board
        if known is not None and not self._reading.acquire(blocking=False):
            return known.board
        if known is None:
            self._reading.acquire()
        try:
            self._known = self._read(time)
            return self._known.board
        finally:
            self._reading.release()

    def _read(self, time: int) -> _Known:
        known, stamp = self._known, self.campaigns.stamp()
        if known is not None and known.stamp == stamp:
            targets, running = known.board.targets, known.board.campaigns
        else:
            active = [each for each in self.campaigns.all() if each.status is Status.ACTIVE]
            fitting = [each for each in active if each.currency == self.currency]
            targets, running = self.aim(fitting), {each.id: each for each in fitting}
        return _Known(time, stamp, Board(targets, running, self._rates(running, time)))

    def _rates(self, running: Mapping[str, Campaign], time: int) -> dict[str, float]:
        if not running:
            return {}
        days: dict[str, list[str]] = {}
        for campaign in running.values():
            days.setdefault(campaign.day(time), []).append(campaign.id)
        whole = self.ledger.spent(running)
        today = {id: spend for day, ids in days.items() for id, spend in self.ledger.spent(ids, day).items()}
        rates = {id: self._rate(campaign, today[id], whole[id], time) for id, campaign in running.items()}
        return {id: rate for id, rate in rates.items() if rate > 0}

    def _rate(self, campaign: Campaign, today: Spend, whole: Spend, time: int) -> float:
        left = budget_of(campaign).left(today, whole)
        if left == 0:
            return 0.0
        if whole.total == 0:  # showing costs nothing, and before a first click there is no spend to go by
            return 1.0
        passed = passed_of_day(self.curve, campaign.schedule.hours, campaign.local(time))
        pacer = self._pacers.setdefault(campaign.id, Pacer())
        return pacer.rate(today.total + left, today.total, passed)


def budget_of(campaign: Campaign) -> Budget:
    return Budget(campaign.daily_budget, campaign.total_budget)
