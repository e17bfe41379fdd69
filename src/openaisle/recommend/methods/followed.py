"""What is opened next: sequential rules (Ludewig and Jannach, 2018), a step counting less the further it goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from openaisle.recommend.context import Context
from openaisle.recommend.ids import Numbers
from openaisle.recommend.interactions import Interactions
from openaisle.recommend.neighbours import Neighbours, fading, strongest
from openaisle.recommend.pairs import Pairs, near
from openaisle.recommend.protocol import Arrays
from openaisle.recommend.scores import SparseScores


@dataclass(frozen=True, slots=True)
class Followed:
    """`window` and `distance` are in rows; `backward` is the say of what came before, `shrink` is in rows."""

    window: int = 8
    distance: float = 2.0
    backward: float = 0.5
    shrink: float = 3.0
    kept: int = 100
    recency: float = 1.0

    def fit(self, interactions: Interactions) -> FollowedModel:
        count = len(interactions.products)
        ahead = near(interactions, self.window, self.distance)
        keys = np.concatenate((_keys(ahead.first, ahead.second, count), _keys(ahead.second, ahead.first, count)))
        unique, inverse = np.unique(keys, return_inverse=True)
        value = np.bincount(inverse, np.concatenate((ahead.value, self.backward * ahead.value)), len(unique))
        first, second = (part.astype(np.int32) for part in np.divmod(unique, max(1, count)))
        total = np.bincount(first, value, minlength=count)
        shares = Pairs(first, second, value / (total[first] + self.shrink))
        return FollowedModel(strongest(shares, count, self.kept), self.recency)


class FollowedModel:
    def __init__(self, table: Neighbours, recency: float) -> None:
        self.table = table
        self._recency = recency

    def scores(self, context: Context) -> SparseScores:
        products = context.remembered
        return self.table.scores(products, fading(len(products), self._recency))

    def arrays(self) -> Arrays:
        return {**self.table.arrays(), "recency": np.array(self._recency)}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        return cls(Neighbours.from_arrays(arrays), float(arrays["recency"]))

    def refreshed(self, new: Interactions) -> Self:
        return self


def _keys(first: Numbers, second: Numbers, count: int) -> NDArray[np.int64]:
    keys: NDArray[np.int64] = first.astype(np.int64) * count + second
    return keys
