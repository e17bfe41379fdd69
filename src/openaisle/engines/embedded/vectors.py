"""The vectors of a segment.

All vectors are kept exactly enough to score any row: a byte for every dimension and a scale for every row (two bytes
for short vectors, in which one component's error weighs more), memory-mapped. Cosines are within about .001 of those in
floating point. Above a few thousand rows an index finds the nearest without reading the rest, and these scores order
what it found. Under a filter that few rows pass, scoring those rows is both faster and complete, so the choice follows
the number of survivors.
"""

from __future__ import annotations

from collections.abc import Sequence
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
RESCORED, LEAST = 3, 300
"""Candidates that the index gives for every row asked for, and at least, to be scored exactly."""
_BYTES_FROM = 256
"""Dimensions from which a byte for each is enough."""

Matrix = NDArray[np.signedinteger[Any]]


@dataclass(frozen=True)
class Rounded:
    """Unit vectors (m, d) as `scales[:, None] * matrix`. Rounded once: taking and joining rows changes none."""

    matrix: Matrix
    scales: NDArray[np.float32]

    @classmethod
    def of(cls, vectors: NDArray[np.float32]) -> Rounded:
        dtype = _dtype(vectors.shape[1])
        scales = np.abs(vectors).max(axis=1, initial=0.0).astype(np.float32) / np.float32(np.iinfo(dtype).max)
        rounded = np.rint(vectors / np.where(scales > 0, scales, np.float32(1))[:, None])
        return cls(rounded.astype(dtype), scales)

    @classmethod
    def joined(cls, parts: Sequence[Rounded], dimensions: int) -> Rounded:
        matrices = [np.empty((0, dimensions), _dtype(dimensions)), *(part.matrix for part in parts)]
        scales = [np.empty(0, np.float32), *(part.scales for part in parts)]
        return cls(np.concatenate(matrices), np.concatenate(scales))

    def __len__(self) -> int:
        return len(self.matrix)

    def at(self, places: NDArray[np.integer[Any]]) -> Rounded:
        return Rounded(self.matrix.take(places, axis=0), self.scales.take(places))

    def floats(self, places: NDArray[np.integer[Any]] | slice) -> NDArray[np.float32]:
        return self.matrix[places] * self.scales[places, None]

    def cosines(self, query: NDArray[np.float32]) -> Scores:
        return product(self.matrix, query) * self.scales


@dataclass(frozen=True)
class Vectors:
    """`stored` holds the unit vectors of the rows in `rows` (ascending)."""

    stored: Rounded
    rows: Rows
    index: DenseIndex | None

    @classmethod
    def open(cls, folder: Path) -> Vectors:
        stored, rows = read_vectors(folder)
        return cls(stored, rows, DenseIndex.open(folder))

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
        if self._contiguous and len(rows) and rows.max() < len(self.rows):
            return self.stored.at(rows).cosines(query)
        cosines = np.full(len(rows), np.nan, np.float32)
        if len(self.rows):
            places = rows if self._contiguous else np.searchsorted(self.rows, rows)
            places = np.minimum(places, len(self.rows) - 1)
            known = self.rows[places] == rows
            cosines[known] = self.stored.at(places[known]).cosines(query)
        return cosines

    def floats(self, rows: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        """The vectors of rows, `(len(rows), d)`; NaN for rows without one."""
        floats = np.full((len(rows), self.stored.matrix.shape[1]), np.nan, np.float32)
        if len(self.rows):
            places = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
            known = self.rows[places] == rows
            floats[known] = self.stored.floats(places[known])
        return floats

    @cached_property
    def _contiguous(self) -> bool:
        """Whether the first rows have vectors and the others none, so that places are rows."""
        return len(self.rows) > 0 and int(self.rows[-1]) == len(self.rows) - 1

    def _at_places(self, allowed: Mask) -> Mask:
        return allowed[: len(self.rows)] if self._contiguous else allowed[self.rows]

    def _best(self, query: NDArray[np.float32], places: NDArray[np.integer[Any]], limit: int) -> tuple[Rows, Scores]:
        whole = len(places) == len(self.rows)
        cosines = (self.stored if whole else self.stored.at(places)).cosines(query)
        order = best_first(cosines, limit)
        places = places[order]
        return self._rows_at(places), cosines[order]

    def _rows_at(self, places: NDArray[np.integer[Any]]) -> Rows:
        return places.astype(np.int32) if self._contiguous else self.rows[places]


def best_first(scores: Scores, limit: int) -> NDArray[np.intp]:
    """Places of the `limit` highest scores, highest first; among equals the first comes first."""
    if len(scores) <= 2 * limit:
        return np.argsort(-scores, kind="stable")[:limit]
    least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
    places = np.flatnonzero(scores >= least)
    return places[np.argsort(-scores[places], kind="stable")[:limit]]


def _dtype(dimensions: int) -> type[np.signedinteger[Any]]:
    return np.int8 if dimensions >= _BYTES_FROM else np.int16


def write_vectors(folder: Path, stored: Rounded, rows: Rows) -> None:
    write_arrays(folder / VECTORS, {"matrix": stored.matrix, "scales": stored.scales, "rows": rows})


def read_vectors(folder: Path) -> tuple[Rounded, Rows]:
    arrays = read_arrays(folder / VECTORS)
    return Rounded(arrays["matrix"], arrays["scales"]), arrays["rows"]


def write_dense_index(folder: Path) -> None:
    """Index a segment's vectors, when there are enough to need it and it was not done before."""
    stored, _ = read_vectors(folder)
    if len(stored) >= INDEX_FROM and not (folder / DENSE_INDEX).exists():
        build_dense_index(folder, len(stored), stored.floats)
