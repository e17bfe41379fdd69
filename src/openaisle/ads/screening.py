"""Which clicks no advertiser pays for: those of programs, repeats, and those on ads shown long ago."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openaisle.ads.campaign import DAY_MS
from openaisle.ads.clicks import Click, Reason


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier click of the same visitor, or on the same showing, that was not refused."""

    campaign_id: str
    product_id: str
    served: str
    visitor: str
    time: int


@dataclass(frozen=True, slots=True)
class Screening:
    """All times in milliseconds. A visitor's second click on a product's ad within `repeat` is free, and any second one
    on the same showing; from the `burst`th click of a visitor within `burst_within` on, clicks are a program's."""

    repeat: int = DAY_MS
    burst: int = 20
    burst_within: int = 60_000
    lifetime: int = DAY_MS

    @property
    def memory(self) -> int:
        """How far back earlier clicks matter."""
        return max(self.repeat, self.burst_within)

    def judge(self, click: Click, earlier: Sequence[Before]) -> Reason:
        """`Reason.NONE` for a click to be paid. Late and out-of-order clicks are compared by their own times."""
        if click.bot:
            return Reason.BOT
        if not 0 <= click.time - click.served_at <= self.lifetime:
            return Reason.STALE
        own = [other for other in earlier if other.visitor == click.visitor]
        if sum(abs(click.time - other.time) <= self.burst_within for other in own) + 1 >= self.burst:
            return Reason.BURST
        if any(other.served == click.served for other in earlier) or any(self._repeats(click, other) for other in own):
            return Reason.REPEAT
        return Reason.NONE

    def _repeats(self, click: Click, other: Before) -> bool:
        same = (other.campaign_id, other.product_id) == (click.campaign_id, click.product_id)
        return same and abs(click.time - other.time) < self.repeat
