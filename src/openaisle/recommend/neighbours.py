"""A table of the best neighbours of each product, and scoring a context by the neighbours of its products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from openaisle.recommend.ids import Numbers
from openaisle.recommend.pairs import Pairs
from openaisle.recommend.protocol import Arrays
from openaisle.recommend.scores import NOTHING, SparseScores, Values, summed
from openaisle.recommend.sparse_rows import Rows, places_of


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Neighbours of each product in `rows`, the best first, with their `weights`."""

    rows: Rows
    weights: Values

    def __len__(self) -> int:
        return len(self.rows.offsets) - 1

    def known(self, products: Numbers) -> Numbers:
        """Those that there is a row for; products that came later have none."""
        return products[products < len(self)]

    def scores(self, products: Numbers, say: Values) -> SparseScores:
        """The neighbours of `products`, summed, each weighed by the `say` of the product it is a neighbour of."""
        inside = products < len(self)
        products, say = products[inside], say[inside]
        if len(products) == 0:
            return NOTHING
        places, owner = places_of(self.rows.offsets[products], self.rows.offsets[products + 1])
        return summed(self.rows.values[places], self.weights[places] * say[owner])

    def between(self, products: Numbers, others: Numbers) -> Values:
        """(products, others): the weight of each product, all of them different, as a neighbour of each other; 0 where
        it is none."""
        found = np.zeros((len(products), len(others)), np.float32)
        columns = np.flatnonzero(others < len(self))
        inside = others[columns]
        places, owner = places_of(self.rows.offsets[inside], self.rows.offsets[inside + 1])
        rows, met = np.nonzero(products[:, None] == self.rows.values[places])
        found[rows, columns[owner[met]]] = self.weights[places[met]]
        return found

    def arrays(self) -> Arrays:
        return {"offsets": self.rows.offsets, "values": self.rows.values, "weights": self.weights}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Neighbours:
        return cls(Rows(arrays["offsets"], arrays["values"]), arrays["weights"])


def strongest(pairs: Pairs, products: int, count: int) -> Neighbours:
    """The `count` pairs of each first product with the largest values above 0."""
    kept = pairs.value > 0
    first, second, value = pairs.first[kept], pairs.second[kept], pairs.value[kept]
    order = np.lexsort((second, -value, first))
    first, second, value = first[order], second[order], value[order]
    sizes = np.bincount(first, minlength=products)
    begins = np.cumsum(sizes) - sizes
    rank = np.arange(len(first)) - begins[first]
    inside = rank < count
    offsets = np.concatenate(([0], np.cumsum(np.minimum(sizes, count)))).astype(np.int64)
    return Neighbours(Rows(offsets, second[inside]), value[inside].astype(np.float32))


def fading(length: int, recency: float) -> Values:
    """The say of each of `length` products, oldest first; `recency` is in positions."""
    return np.exp((np.arange(length) - (length - 1)) / recency).astype(np.float32)
