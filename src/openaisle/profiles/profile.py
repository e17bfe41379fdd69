"""A profile: what one shopper, or one visit without a known shopper, is interested in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openaisle.events.event import Kind
from openaisle.profiles.facts import Trait
from openaisle.profiles.interests import Interests, Reading, Vector

WEIGHTS = {Kind.CLICK: 1.0, Kind.VIEW: 1.0, Kind.DWELL: 1.0, Kind.CART: 3.0, Kind.ORDER: 5.0, Kind.RETURN: -5.0}
"""How much each kind says of interest; other kinds say nothing of it. What is returned was not liked after all."""
DWELT_SECONDS = 30.0
"""A shorter stay on a page says nothing."""
LASTING_MS = 30 * 24 * 3_600_000.0
VISIT_MS = 30 * 60_000.0
"""Half-lives of lasting interest and of that of this visit."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done with a product; `seconds` belongs to a dwell."""

    kind: Kind
    time: int
    product_id: str
    seconds: float | None = None

    @property
    def weight(self) -> float:
        if self.kind is Kind.DWELL and not (self.seconds or 0.0) >= DWELT_SECONDS:
            return 0.0
        return WEIGHTS.get(self.kind, 0.0)


@dataclass(frozen=True, slots=True)
class Profile:
    """As it is at one moment. `acts` says how many things it is made of, `first` and `latest` when they were done
    (milliseconds since 1970)."""

    lasting: Reading
    visit: Reading
    acts: int
    first: int
    latest: int


class Growing:
    """A profile that is kept up to date. Every event up to the number `through` is in it; it was made at `made`."""

    __slots__ = ("_lasting", "_visit", "acts", "first", "latest", "made", "through")

    def __init__(self, through: int, made: int) -> None:
        self.through = through
        self.made = made
        self.acts = self.first = self.latest = 0
        self._lasting = Interests(LASTING_MS)
        self._visit = Interests(VISIT_MS)

    def add(self, act: Act, traits: Sequence[Trait], vector: Vector | None, now: int) -> None:
        """Acts may come in any order; one from the future counts as done now."""
        time = min(act.time, now)
        self._lasting.add(traits, vector, act.weight, time)
        self._visit.add(traits, vector, act.weight, time)
        self.first = min(self.first, time) if self.acts else time
        self.latest = max(self.latest, time)
        self.acts += 1

    def at(self, now: int) -> Profile:
        return Profile(self._lasting.at(now), self._visit.at(now), self.acts, self.first, self.latest)
