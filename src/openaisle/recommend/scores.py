"""How a method scores products for one context: the best of them, and the score of any of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from openaisle.recommend.ids import Numbers, located

Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Best:
    """Products with their scores, the best first."""

    products: Numbers
    scores: Values


class Scores(Protocol):
    """Scores are comparable within one context only; 0 says that the method knows nothing for a product."""

    def best(self, count: int) -> Best: ...

    def of(self, products: Numbers) -> Values: ...


@dataclass(frozen=True, slots=True)
class SparseScores:
    """Scores of some products, which are in ascending order; all others score 0."""

    products: Numbers
    scores: Values

    def best(self, count: int) -> Best:
        return best_of(self.products, self.scores, count)

    def of(self, products: Numbers) -> Values:
        if len(self.products) == 0:
            return np.zeros(len(products), np.float32)
        places, found = located(products, self.products)
        return np.where(found, self.scores[places], np.float32(0))


NOTHING = SparseScores(np.empty(0, np.int32), np.empty(0, np.float32))


def best_of(products: Numbers, scores: Values, count: int) -> Best:
    """The best `count`, ties by number of the product."""
    if len(products) > count:
        places = np.argpartition(-scores, count - 1)[:count]
        products, scores = products[places], scores[places]
    order = np.lexsort((products, -scores))
    return Best(products[order], scores[order])


def summed(products: Numbers, values: Values) -> SparseScores:
    """Scores summed over repeated products."""
    if len(products) == 0:
        return NOTHING
    order = np.argsort(products, kind="stable")
    ascending = products[order]
    begins = np.flatnonzero(np.concatenate(([True], ascending[1:] != ascending[:-1])))
    sums = np.add.reduceat(values[order], begins, dtype=np.float64)
    return SparseScores(ascending[begins], sums.astype(np.float32))
