"""What this shopper took before and may take again: opened earlier in the session, bought or opened before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from openaisle.recommend.context import Context
from openaisle.recommend.interactions import Interactions
from openaisle.recommend.neighbours import fading
from openaisle.recommend.protocol import Arrays
from openaisle.recommend.repeats import Repeats, repeats_of
from openaisle.recommend.scores import SparseScores, summed

_DAY_MS = 86_400_000.0


@dataclass(frozen=True, slots=True)
class Again:
    """`half_life` of past interest is in days, `recency` in products of the session, `past` the say of the history
    beside the session."""

    half_life: float = 60.0
    recency: float = 1.5
    past: float = 0.3

    def fit(self, interactions: Interactions) -> AgainModel:
        return AgainModel(self, repeats_of(interactions))


class AgainModel:
    """The product's own habit (`Repeats`) times this shopper's interest in it."""

    def __init__(self, settings: Again, repeats: Repeats) -> None:
        self._settings = settings
        self.repeats = repeats

    def scores(self, context: Context) -> SparseScores:
        trail, history, settings = context.trail, context.history, self._settings
        opened, _ = self.repeats.at(trail)
        reopened, rebought = self.repeats.at(history.product)
        days = np.maximum(0, context.time - history.time) / _DAY_MS
        interest = history.weight * 0.5 ** (days / settings.half_life)
        past = settings.past * interest * np.where(history.bought, rebought, reopened)
        values = np.concatenate((fading(len(trail), settings.recency) * opened, past.astype(np.float32)))
        return summed(np.concatenate((trail, history.product)), values)

    def arrays(self) -> Arrays:
        settings = self._settings
        return {
            "settings": np.array([settings.half_life, settings.recency, settings.past]),
            "opened": self.repeats.opened,
            "bought": self.repeats.bought,
            "days": self.repeats.days,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        repeats = Repeats(arrays["opened"], arrays["bought"], arrays["days"])
        return cls(Again(*arrays["settings"].tolist()), repeats)

    def refreshed(self, new: Interactions) -> Self:
        return self
