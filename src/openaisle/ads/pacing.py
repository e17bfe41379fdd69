"""Spreading a budget over the day: a campaign takes part in as large a share of its auctions as its spend asks for.

Bids stay as they are (a lowered bid would make bidding the truth a mistake); what is steered is how often a campaign
bids at all. The controller has the terms of a PI controller: the spend of the last interval against the plan, and the
plan so far against the spend so far, on top of what the campaign would spend if it took part in everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

_HOURS = 24
_PROPORTIONAL = 0.25
_INTEGRAL = 20.0
"""Being 1 % of the budget behind raises the rate of spending by 20 %."""
_INTERVAL = 0.004
"""Share of the day's traffic between two corrections."""
_NEW = 0.3
"""Share of the last interval in what a campaign is thought to spend unthrottled."""
_START = 0.05
"""Nobody knows yet how far a new campaign reaches; too little at first costs it less than too much."""
_FALL, _RISE = 0.25, 2.0
"""The most that one correction, made on a few clicks, may change a rate by."""
_LEAST = 0.005
"""Below this a campaign would learn nothing of what it could spend."""


@dataclass(frozen=True, slots=True)
class TrafficCurve:
    """The share of a day's searches by hour (UTC, unless it says otherwise); sums to 1."""

    shares: tuple[float, ...]

    @classmethod
    def of(cls, weights: Iterable[float]) -> TrafficCurve:
        """From 24 weights such as counts of searches; hours without any still get a little."""
        counted = [weight + 1e-6 for weight in weights]
        if len(counted) != _HOURS:
            raise ValueError("a curve needs 24 hours")
        total = sum(counted)
        return cls(tuple(weight / total for weight in counted))

    @classmethod
    def flat(cls) -> TrafficCurve:
        return cls.of([1.0] * _HOURS)

    def within(self, hours: frozenset[int]) -> TrafficCurve:
        """The same for a campaign that runs in some hours only."""
        return TrafficCurve.of(share if hour in hours else 0.0 for hour, share in enumerate(self.shares))

    def passed(self, moment: datetime) -> float:
        """The share of the day's traffic that has come by a moment of the day."""
        hours = moment.hour + (moment.minute + (moment.second + moment.microsecond / 1e6) / 60) / 60
        whole = int(hours)
        return sum(self.shares[:whole]) + self.shares[whole] * (hours - whole)


@lru_cache(maxsize=4096)
def local_curve(curve: TrafficCurve, offset: int, hours: frozenset[int]) -> TrafficCurve:
    """A curve by UTC as a campaign's own clock, `offset` hours ahead, shows it, in the hours that the campaign runs."""
    local = TrafficCurve(tuple(curve.shares[(hour - offset) % _HOURS] for hour in range(_HOURS)))
    return local.within(hours)


@dataclass(frozen=True, slots=True)
class _State:
    """`passed` and `spent` at the last correction; `unthrottled` in budgets a day; `rate` is what was decided."""

    passed: float
    spent: float
    rate: float
    unthrottled: float | None = None


@dataclass(slots=True)
class Pacer:
    """One campaign's controller. Every process may have its own: all see the same spend."""

    _state: _State | None = None

    def rate(self, budget: int, spent: int, passed: float) -> float:
        """The share of auctions to take part in from now on. `budget` and `spent` are the day's, in minor units;
        `passed` is the share of the day's traffic so far."""
        share = spent / budget
        state = self._state or _State(passed, share, _START)
        if passed < state.passed:  # a new day; what was learnt of the campaign's reach is kept
            state = _State(0.0, 0.0, state.rate, state.unthrottled)
        elapsed = passed - state.passed
        if elapsed >= _INTERVAL:
            state = _corrected(state, share, passed, elapsed)
        self._state = state
        return 0.0 if spent >= budget else state.rate


def passed_of_day(curve: TrafficCurve, hours: frozenset[int], local: datetime) -> float:
    """The share of its day's traffic that a campaign which runs in some hours has had by a moment of its own clock."""
    offset = round((local.utcoffset() or timedelta()) / timedelta(hours=1))
    return local_curve(curve, offset, hours).passed(local)


def participates(rate: float, draw: float) -> bool:
    """Whether a campaign takes part, for a number drawn evenly from [0, 1)."""
    return draw < rate


def _corrected(state: _State, share: float, passed: float, elapsed: float) -> _State:
    speed = (share - state.spent) / elapsed
    seen = speed / state.rate
    known = state.unthrottled
    unthrottled = seen if known is None else known + _NEW * (seen - known)
    behind = passed - share
    wanted = max(0.0, 1 + _PROPORTIONAL * (1 - speed) + _INTEGRAL * behind)
    aim = wanted / unthrottled if unthrottled > 0 else 1.0
    rate = min(1.0, max(_LEAST, min(max(aim, _FALL * state.rate), _RISE * state.rate)))
    return replace(state, passed=passed, spent=share, rate=rate, unthrottled=unthrottled)


def pacing_error(spent: Iterable[tuple[float, float]]) -> float:
    """The mean distance of spend from plan over a day, both as shares of the budget, from pairs (passed, spent) at
    moments that lie equally far apart."""
    distances = [abs(passed - share) for passed, share in spent]
    return sum(distances) / len(distances)
