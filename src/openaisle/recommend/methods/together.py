"""What comes together more than chance has it: viewed in the same sessions, bought in the same baskets.

The log-likelihood ratio (Dunning, 1993) tells association from coincidence: two products that everybody takes meet
often and say nothing, three meetings of two rare ones say a lot. Only what is significant is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from openaisle.recommend.context import Context
from openaisle.recommend.interactions import Interactions
from openaisle.recommend.neighbours import Neighbours, fading, strongest
from openaisle.recommend.pairs import Pairs, together
from openaisle.recommend.protocol import Arrays
from openaisle.recommend.scores import SparseScores

Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Together:
    """`least` is the log-likelihood ratio below which a pair may be chance (10.83: one in a thousand)."""

    of: Literal["viewed", "bought"]
    least: float = 10.83
    kept: int = 100
    longest: int = 50
    recency: float = 2.0

    def fit(self, interactions: Interactions) -> TogetherModel:
        rows = interactions if self.of == "viewed" else interactions.where(interactions.bought)
        pairs = together(rows, self.longest)
        baskets = len(rows.offsets) - 1
        keys = np.unique(rows.session.astype(np.int64) * len(rows.products) + rows.product)
        singly = np.bincount(keys % max(1, len(rows.products)), minlength=len(rows.products)).astype(np.float64)
        ratio = log_likelihood_ratio(pairs.value, singly[pairs.first], singly[pairs.second], baskets)
        # of what is significant, the likeliest next to the product comes first; the root keeps strong pairs in order
        value = np.where(ratio >= self.least, np.sqrt(ratio), 0.0)
        table = strongest(Pairs(pairs.first, pairs.second, value), len(rows.products), self.kept)
        return TogetherModel(table, self.recency)


class TogetherModel:
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


def log_likelihood_ratio(both: Counts, first: Counts, second: Counts, baskets: int) -> Counts:
    """2 log λ of a 2 × 2 table: `both` of `baskets` hold the pair, `first` and `second` hold each. 0 where the pair
    meets less often than chance has it."""
    table = (both, first - both, second - both, baskets - first - second + both)
    entropy = sum(_xlogx(cell) for cell in table)
    margins = _xlogx(first) + _xlogx(baskets - first) + _xlogx(second) + _xlogx(baskets - second)
    ratio = 2 * (entropy + _xlogx(np.float64(baskets)) - margins)
    return np.where(both * baskets > first * second, np.maximum(ratio, 0.0), 0.0)


def _xlogx(count: Counts | np.float64) -> Counts:
    counted = np.maximum(count, 0.0)
    return np.asarray(counted * np.log(np.where(counted > 0, counted, 1.0)))
