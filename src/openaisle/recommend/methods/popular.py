"""What many want: popular over weeks, trending over days, both with a decay instead of a window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from openaisle.recommend.context import Context
from openaisle.recommend.ids import Numbers, entries
from openaisle.recommend.interactions import Interactions
from openaisle.recommend.protocol import Arrays
from openaisle.recommend.scores import Best, Values, best_of

_DAY_MS = 86_400_000.0


@dataclass(frozen=True, slots=True)
class Popular:
    """`half_life` in days. With `against`, a longer half-life, what grew counts: interest of late over what the longer
    past lets expect, damped by `doubt` rows."""

    half_life: float = 14.0
    against: float = 0.0
    doubt: float = 20.0

    def fit(self, interactions: Interactions) -> PopularModel:
        empty = np.zeros(0)
        return PopularModel(self, empty, empty, 0).refreshed(interactions)


TRENDING = Popular(half_life=1.0, against=14.0)


class PopularModel:
    """Decayed sums of interest as they stood at `moment` (ms)."""

    def __init__(self, settings: Popular, late: NDArray[np.float64], long: NDArray[np.float64], moment: int) -> None:
        self._settings = settings
        self._late, self._long, self._moment = late, long, moment
        self._scores = _PopularScores(_risen(settings, late, long))

    def scores(self, context: Context) -> _PopularScores:
        return self._scores

    def arrays(self) -> Arrays:
        settings = self._settings
        return {
            "settings": np.array([settings.half_life, settings.against, settings.doubt]),
            "late": self._late,
            "long": self._long,
            "moment": np.array(self._moment),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        return cls(Popular(*arrays["settings"].tolist()), arrays["late"], arrays["long"], int(arrays["moment"]))

    def refreshed(self, new: Interactions) -> Self:
        if len(new) == 0:
            return self
        moment = max(self._moment, new.latest)
        settings = self._settings
        late = self._decayed(self._late, settings.half_life, new, moment)
        long = self._decayed(self._long, settings.against or settings.half_life, new, moment)
        return type(self)(settings, late, long, moment)

    def _decayed(
        self, sums: NDArray[np.float64], half_life: float, new: Interactions, moment: int
    ) -> NDArray[np.float64]:
        faded = np.zeros(len(new.products))
        faded[: len(sums)] = sums * 0.5 ** ((moment - self._moment) / _DAY_MS / half_life)
        values = new.weight * 0.5 ** ((moment - new.time) / _DAY_MS / half_life)
        return faded + np.bincount(new.product, values, minlength=len(faded))


class _PopularScores:
    def __init__(self, values: Values) -> None:
        self._values = values
        self._ranked = best_of(np.arange(len(values), dtype=np.int32), values, min(len(values), _RANKED))

    def best(self, count: int) -> Best:
        return Best(self._ranked.products[:count], self._ranked.scores[:count])

    def of(self, products: Numbers) -> Values:
        return entries(self._values, products, 0)


_RANKED = 2000


def _risen(settings: Popular, late: NDArray[np.float64], long: NDArray[np.float64]) -> Values:
    if settings.against == 0:
        return late.astype(np.float32)
    # both sums of a steady stream are in proportion to their half-lives
    expected = long * settings.half_life / settings.against
    return (late * late / (expected + settings.doubt)).astype(np.float32)
