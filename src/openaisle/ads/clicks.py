"""A click on an ad, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """`RESERVED`: kept against the budget, not billed yet; `RELEASED`: costs nothing."""

    RESERVED = "reserved"
    BILLED = "billed"
    RELEASED = "released"


class Reason(StrEnum):
    """Why a click costs nothing; `NONE` while it does, `WITHDRAWN`: taken back while it was reserved."""

    NONE = ""
    BOT = "bot"
    BURST = "burst"
    REPEAT = "repeat"
    STALE = "stale"
    BUDGET = "budget"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Click:
    """`id` names the click for ever: the same one is never billed twice. `served` names the showing that was clicked,
    `visitor` who did it (a pseudonym; the showing where nobody knows), `day` the budget it counts against, by the
    campaign's clock. `price` is in minor units, `time` and `served_at` in milliseconds since 1970."""

    id: str
    campaign_id: str
    product_id: str
    keyword: str
    served: str
    visitor: str
    time: int
    served_at: int
    day: str
    price: int
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A click in the books. `amount` is in minor units and 0 unless reserved or billed."""

    click_id: str
    campaign_id: str
    day: str
    price: int
    amount: int
    state: State
    reason: Reason


@dataclass(frozen=True, slots=True)
class Spend:
    """Minor units that a campaign was billed, and that are reserved on top."""

    billed: int = 0
    reserved: int = 0

    @property
    def total(self) -> int:
        return self.billed + self.reserved


@dataclass(frozen=True, slots=True)
class Budget:
    """Minor units; `total` is None where only the day is limited."""

    daily: int
    total: int | None = None

    def left(self, today: Spend, whole: Spend) -> int:
        left = self.daily - today.total
        if self.total is not None:
            left = min(left, self.total - whole.total)
        return max(0, left)
