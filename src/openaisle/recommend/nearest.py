"""The largest inner products with one vector: exact for few rows, by an inverted file for many."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.recommend.ids import Numbers, entries
from openaisle.recommend.interactions import Mask
from openaisle.recommend.rounded import Rounded
from openaisle.recommend.scores import Best, Values, best_of

_EXACT_TO = 20_000
"""Rows up to which every row is looked at."""
_PROBED = 16
"""Of 200,000 vectors of sentences, that finds .72 of the best 60 (24 cells: .77, a quarter slower)."""
_PER_CELL = 40
"""Rows a cell that the cells are learnt from."""


class Nearest:
    """Over vectors `(products, dimensions)`; a row of zeros is never found. Safe for many threads.

    Many rows are kept rounded, and indexed. Rows that are added later are looked at one by one.
    """

    def __init__(self, vectors: NDArray[Any]) -> None:
        self._stated: Mask = np.asarray(vectors.any(axis=1))
        self._rows = np.flatnonzero(self._stated).astype(np.int32)
        many = len(self._rows) > _EXACT_TO
        self._first = Rounded.of(vectors) if many else np.ascontiguousarray(vectors, np.float32)
        self._later = np.empty((0, vectors.shape[1]), np.float32)
        self._index = _inverted_file(vectors, self._rows) if many else None

    def __len__(self) -> int:
        return len(self._first) + len(self._later)

    @property
    def dimensions(self) -> int:
        return int(self._later.shape[1])

    def extended(self, more: Values) -> Nearest:
        """With the vectors of further products."""
        grown = copy(self)
        grown._later = np.concatenate((self._later, more.astype(np.float32)))
        grown._stated = np.concatenate((self._stated, more.any(axis=1)))
        return grown

    def vectors(self) -> NDArray[Any]:
        """All of them, `(products, dimensions)`."""
        first = self._first.vectors() if isinstance(self._first, Rounded) else self._first
        return np.concatenate((first, self._later.astype(first.dtype))) if len(self._later) else first

    def best(self, query: Values, count: int) -> Best:
        """The best `count` products."""
        products = self.near(query[None, :], count)
        return best_of(products, self.of(query, products), count)

    def near(self, queries: Values, count: int) -> Numbers:
        """Products, each once, among which are the best `count` of every query `(queries, dimensions)`: most of them
        where there are many rows, and all that were added later."""
        later = np.flatnonzero(self._stated[len(self._first) :]).astype(np.int32) + np.int32(len(self._first))
        if self._index is None:
            return np.concatenate((self._rows, later))
        _, places = self._index.search(np.ascontiguousarray(queries, np.float32), count)
        found = np.unique(places) if len(queries) > 1 else places[0]
        return np.concatenate((self._rows[found[found >= 0]], later))

    def has(self, products: Numbers) -> Mask:
        """Whether these have a vector."""
        return entries(self._stated, products, False)

    def at(self, products: Numbers) -> Values:
        """The vectors of these; zeros for products that have no row."""
        first = products < len(self._first)
        if first.all():
            return self._first[products]
        found = np.zeros((len(products), self.dimensions), np.float32)
        later = (products < len(self)) & ~first
        found[first] = self._first[products[first]]
        found[later] = self._later[products[later] - len(self._first)]
        return found

    def of(self, query: Values, products: Numbers) -> Values:
        """The inner products of these with one query; 0 for products that have no vector."""
        return self.inner(query[None, :], products)[:, 0]

    def inner(self, queries: Values, products: Numbers) -> Values:
        """(products, queries) inner products; 0 for products that have no vector."""
        if isinstance(self._first, Rounded) and (products < len(self._first)).all():
            return self._first.inner(queries, products)
        if isinstance(self._first, Rounded) or 2 * len(products) < len(self):
            return self.at(products) @ queries.T
        # of most of them: all, without taking them out first
        every = np.concatenate((self._first @ queries.T, self._later @ queries.T))
        known = products < len(self)
        return np.where(known[:, None], every[np.where(known, products, 0)], np.float32(0))


class NearestScores:
    """Scores by inner product with one query."""

    def __init__(self, nearest: Nearest, query: Values) -> None:
        self._nearest, self._query = nearest, query

    def best(self, count: int) -> Best:
        return self._nearest.best(self._query, count)

    def of(self, products: Numbers) -> Values:
        return self._nearest.of(self._query, products)


def _inverted_file(vectors: NDArray[Any], rows: Numbers) -> Any:
    import faiss

    dimensions = vectors.shape[1]
    cells = int(4 * np.sqrt(len(rows)))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimensions),
        dimensions,
        cells,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
        False,
    )
    index.cp.max_points_per_centroid = _PER_CELL
    index.cp.niter = 8
    sample = rows[:: max(1, len(rows) // (_PER_CELL * cells))]
    index.train(vectors[sample].astype(np.float32))
    for start in range(0, len(rows), _EXACT_TO):
        index.add(vectors[rows[start : start + _EXACT_TO]].astype(np.float32))
    index.nprobe = _PROBED
    return index
