"""Products whose sessions are alike: cosine of the sessions that two products came in, shrunk where there are few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from openaisle.recommend.context import Context
from openaisle.recommend.interactions import Interactions
from openaisle.recommend.neighbours import Neighbours, fading, strongest
from openaisle.recommend.pairs import Pairs, together
from openaisle.recommend.protocol import Arrays
from openaisle.recommend.scores import SparseScores


@dataclass(frozen=True, slots=True)
class ItemKnn:
    """`power` is the exponent of the other product's frequency (.5 is the cosine); `shrink` is in sessions. A product
    is its own neighbour, with the share of its sessions that opened it again."""

    power: float = 0.5
    shrink: float = 5.0
    kept: int = 100
    longest: int = 30
    recency: float = 1.5

    def fit(self, interactions: Interactions) -> ItemKnnModel:
        count = len(interactions.products)
        pairs = together(interactions, self.longest)
        keys, times = np.unique(
            interactions.session.astype(np.int64) * count + interactions.product, return_counts=True
        )
        product = keys % max(1, count)
        singly = np.bincount(product, minlength=count).astype(np.float64)
        again = np.bincount(product, times > 1, minlength=count)
        own = np.arange(count, dtype=np.int32)
        pairs = Pairs(
            np.concatenate((pairs.first, own)),
            np.concatenate((pairs.second, own)),
            np.concatenate((pairs.value, again)),
        )
        scale = singly[pairs.first] ** (1 - self.power) * singly[pairs.second] ** self.power + self.shrink
        likeness = pairs.value / np.maximum(scale, 1e-9)
        table = strongest(Pairs(pairs.first, pairs.second, likeness), count, self.kept)
        return ItemKnnModel(table, self.recency)


class ItemKnnModel:
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
