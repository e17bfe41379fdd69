"""Finding the nearest among the vectors of a segment.

All vectors are kept in numbers by which any row can be scored (`stored`), memory-mapped. Above a few thousand rows
candidates are found without scoring the rest, by an index or by Hamming distance, and those scores order what was
found. Under a filter that few rows pass, scoring those rows is both faster and complete, so the choice follows the
number of survivors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.columns import Mask
from openaisle.engines.embedded.dense_index import DENSE_INDEX, DenseIndex, build_dense_index
from openaisle.engines.embedded.rounded import Rounded
from openaisle.engines.embedded.signs import HammingScan, Signs
from openaisle.engines.embedded.stored import Stored, read_vectors
from openaisle.engines.protocol import Rows, Scores

INDEX_FROM = 4_096
"""Fewer vectors than this are scored one by one."""
SCAN_SURVIVORS = 2_000
"""So many rows that pass a filter, or fewer, are scored one by one."""


@dataclass(frozen=True)
class Vectors:
    """`stored` holds the unit vectors of the rows in `rows` (ascending)."""

    stored: Stored
    rows: Rows
    index: DenseIndex | HammingScan | None

    @classmethod
    def open(cls, folder: Path) -> Vectors:
        stored, rows = read_vectors(folder)
        return cls(stored, rows, _candidates_of(stored, folder))

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
        return self.index.nearest(query, limit, passing)

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
        floats = np.full((len(rows), self.stored.dimensions), np.nan, np.float32)
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


def write_dense_index(folder: Path) -> None:
    """Index a segment's vectors, when there are enough to need it and it was not done before. Signs need none."""
    stored, _ = read_vectors(folder)
    if isinstance(stored, Rounded) and len(stored) >= INDEX_FROM and not (folder / DENSE_INDEX).exists():
        build_dense_index(folder, len(stored), stored.floats)


def _candidates_of(stored: Stored, folder: Path) -> DenseIndex | HammingScan | None:
    if isinstance(stored, Signs):
        return HammingScan(stored) if len(stored) >= INDEX_FROM else None
    return DenseIndex.open(folder)
