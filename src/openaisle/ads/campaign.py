"""The campaign: what an advertiser wants shown, to whom, when, and what for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


class Match(StrEnum):
    """`EXACT`: the query says this and nothing else; `PHRASE`: these words in this order and maybe others around them;
    `BROAD`: all of these words, in any order. Words are compared by their stems."""

    EXACT = "exact"
    PHRASE = "phrase"
    BROAD = "broad"


class Status(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Keyword:
    """`bid` is what a click is worth through this keyword, None for the campaign's own."""

    text: str
    match: Match = Match.BROAD
    bid: int | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a campaign runs, in its own time zone. `weekdays` count from Monday (0); `hours` are those of the day."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    weekdays: frozenset[int] = frozenset(range(7))
    hours: frozenset[int] = frozenset(range(24))

    def allows(self, moment: datetime) -> bool:
        if self.starts_at is not None and moment < self.starts_at:
            return False
        if self.ends_at is not None and moment >= self.ends_at:
            return False
        return moment.weekday() in self.weekdays and moment.hour in self.hours


@dataclass(frozen=True, slots=True)
class FrequencyCap:
    """How often one shopper may see a campaign within so many hours."""

    impressions: int
    hours: int


@dataclass(frozen=True, slots=True)
class Campaign:
    """`bid` and the budgets are minor units of `currency`; `bid` is the most a click may cost.

    `topics` are texts whose meaning a query must come close to, by at least `similarity` on the encoder's scale from
    unrelated (0) to a good answer (1). A campaign without keywords and topics is never shown.
    """

    id: str
    advertiser: str
    products: tuple[str, ...]
    currency: str
    bid: int
    daily_budget: int
    total_budget: int | None = None
    name: str = ""
    keywords: tuple[Keyword, ...] = ()
    negatives: tuple[Keyword, ...] = ()
    topics: tuple[str, ...] = ()
    similarity: float = 0.7
    schedule: Schedule = field(default_factory=Schedule)
    cap: FrequencyCap | None = None
    time_zone: str = "UTC"
    status: Status = Status.ACTIVE

    def local(self, time: int) -> datetime:
        """A moment (milliseconds since 1970) on the campaign's own clock."""
        return datetime.fromtimestamp(time / 1000, UTC).astimezone(ZoneInfo(self.time_zone))

    def day(self, time: int) -> str:
        """The day, by the campaign's own clock, whose budget a click at this moment belongs to."""
        return self.local(time).date().isoformat()

    def runs(self, time: int) -> bool:
        return self.status is Status.ACTIVE and self.schedule.allows(self.local(time))
