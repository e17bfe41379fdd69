"""The vectors of a segment.

All vectors are kept exactly enough to score any row (16-bit fixed point, memory-mapped; NumPy turns integers into
floats many times faster than it does half floats). Above a few thousand rows an index finds the nearest without reading
the rest, and exact scores order what it found. Under a filter that few rows pass, scoring those rows is both faster and
complete, so the choice follows the number of survivors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.arrays import read_arrays, write_arrays
from openaisle.engines.embedded.columns import Mask
from openaisle.engines.embedded.dense_index import DENSE_INDEX, DenseIndex, build_dense_index, product
from openaisle.engines.protocol import Rows, Scores

VECTORS = "vectors.arrays"

INDEX_FROM = 4_096
"""Fewer vectors than this are scanned."""
SCAN_SURVIVORS = 2_000
"""So many rows that pass a filter, or fewer, are scored one by one."""
RESCORED, LEAST = 2, 200
"""Candidates that the index gives for every row asked for, and at least, to be scored exactly."""
_ONE = 32_767
"""The fixed-point form of 1.0."""

Matrix = NDArray[np.int16]


@dataclass(frozen=True)
class Vectors:
    """`matrix` (m, d) holds the unit vectors of the rows in `rows` (ascending), in fixed point."""

    matrix: Matrix
    rows: Rows
    index: DenseIndex | None

    @classmethod
    def open(cls, folder: Path) -> Vectors:
        return cls(**read_arrays(folder / VECTORS), index=DenseIndex.open(folder))

    def search(self, query: NDArray[np.float32], limit: int, allowed: Mask | None) -> tuple[Rows, Scores]:
        """Rows nearest to the query with their cosines, best first."""
        passing = None if allowed is None else self._at_places(allowed)
        survivors = len(self.rows) if passing is None else int(np.count_nonzero(passing))
        if survivors == 0:
            return np.empty(0, np.int32), np.empty(0, np.float32)
        return self._best(query, self._candidates(query, limit, passing, survivors), limit)

    def _candidates(
        self, query: NDArray[np.float32], limit: int, passing: Mask | None, survivors: int
    ) -> NDArray[np.integer[Any]]:
        """Places among which the nearest are."""
        if self.index is None or survivors <= SCAN_SURVIVORS:
            return np.arange(len(self.rows)) if passing is None else np.flatnonzero(passing)
        return self.index.nearest(query, max(RESCORED * limit, LEAST), passing)

    def cosines(self, rows: NDArray[np.integer[Any]], query: NDArray[np.float32]) -> Scores:
        """NaN for rows without a vector."""
        cosines = np.full(len(rows), np.nan, np.float32)
        if len(self.rows):
            places = rows if self._contiguous else np.searchsorted(self.rows, rows)
            places = np.minimum(places, len(self.rows) - 1)
            known = self.rows[places] == rows
            cosines[known] = _scored(self.matrix[places[known]], query)
        return cosines

    @cached_property
    def _contiguous(self) -> bool:
        """Whether the first rows have vectors and the others none, so that places are rows."""
        return len(self.rows) > 0 and int(self.rows[-1]) == len(self.rows) - 1

    def _at_places(self, allowed: Mask) -> Mask:
        return allowed[: len(self.rows)] if self._contiguous else allowed[self.rows]

    def _best(self, query: NDArray[np.float32], places: NDArray[np.integer[Any]], limit: int) -> tuple[Rows, Scores]:
        whole = len(places) == len(self.rows)
        cosines = _scored(self.matrix if whole else self.matrix[places], query)
        order = best_first(cosines, limit)
        return self.rows[places[order]], cosines[order]


def best_first(scores: Scores, limit: int) -> NDArray[np.intp]:
    """Places of the `limit` highest scores, highest first; among equals the first comes first."""
    if len(scores) <= 2 * limit:
        return np.argsort(-scores, kind="stable")[:limit]
    least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
    places = np.flatnonzero(scores >= least)
    return places[np.argsort(-scores[places], kind="stable")[:limit]]


def fixed_point(vectors: NDArray[np.float32]) -> Matrix:
    """Unit vectors as stored."""
    return np.rint(vectors * _ONE).astype(np.int16)


def _scored(matrix: Matrix, query: NDArray[np.float32]) -> Scores:
    return product(matrix, query * np.float32(1 / _ONE))


def write_vectors(folder: Path, matrix: Matrix, rows: Rows) -> None:
    write_arrays(folder / VECTORS, {"matrix": matrix, "rows": rows})


def write_dense_index(folder: Path) -> None:
    """Index a segment's vectors, when there are enough to need it and it was not done before."""
    matrix = read_arrays(folder / VECTORS)["matrix"]
    if len(matrix) >= INDEX_FROM and not (folder / DENSE_INDEX).exists():
        build_dense_index(folder, matrix, 1 / _ONE)
