"""The vectors of a segment and the index over them.

All vectors are kept exactly enough to score any row (16-bit fixed point, memory-mapped; NumPy turns integers into
floats many times faster than it does half floats); above a few thousand rows an inverted file with 8-bit codes (FAISS)
finds the nearest without reading the rest. Under a filter that few rows pass, scoring those rows exactly is both faster
and complete, so the choice follows the number of survivors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.arrays import read_arrays, write_arrays
from openaisle.engines.embedded.columns import Mask
from openaisle.engines.protocol import Rows, Scores

VECTORS, DENSE_INDEX = "vectors.arrays", "dense.faiss"

INDEX_FROM = 8_192
"""Fewer vectors than this are scanned."""
SCAN_SURVIVORS = 3_000
"""So many rows that pass a filter, or fewer, are scored one by one."""
PROBES = 24
"""Cells visited of about 4·√n; see bench/recall.py for recall against exact search."""
_TRAINING_POINTS_PER_CELL = 64
_ONE = 32_767
"""The fixed-point form of 1.0."""

Matrix = NDArray[np.int16]


@dataclass(frozen=True)
class Vectors:
    """`matrix` (m, d) holds the unit vectors of the rows in `rows` (ascending), in fixed point."""

    matrix: Matrix
    rows: Rows
    folder: Path

    @classmethod
    def open(cls, folder: Path) -> Vectors:
        arrays = read_arrays(folder / VECTORS)
        return cls(arrays["matrix"], arrays["rows"], folder)

    def search(self, query: NDArray[np.float32], limit: int, allowed: Mask | None) -> tuple[Rows, Scores]:
        """Rows nearest to the query with their cosines, best first."""
        survivors = len(self.rows) if allowed is None else int(np.count_nonzero(allowed))
        if survivors == 0 or len(self.rows) == 0:
            return np.empty(0, np.int32), np.empty(0, np.float32)
        if self._index is None or survivors <= SCAN_SURVIVORS:
            places = self._places(allowed)
        else:
            places = self._probe(query, limit, allowed, survivors)
        return self._best(query, places, limit)

    def cosines(self, rows: NDArray[np.integer[Any]], query: NDArray[np.float32]) -> Scores:
        """NaN for rows without a vector."""
        cosines = np.full(len(rows), np.nan, np.float32)
        if len(self.rows):
            places = rows if self._complete else np.searchsorted(self.rows, rows).clip(max=len(self.rows) - 1)
            known = slice(None) if self._complete else self.rows[places] == rows
            cosines[known] = _scored(self.matrix[places[known]], query)
        return cosines

    @cached_property
    def _complete(self) -> bool:
        """Whether every row has a vector, so that places are rows."""
        return len(self.rows) > 0 and int(self.rows[-1]) == len(self.rows) - 1

    @cached_property
    def _index(self) -> Any | None:
        path = self.folder / DENSE_INDEX
        return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC) if path.exists() else None

    def _places(self, allowed: Mask | None) -> NDArray[np.intp]:
        if allowed is None:
            return np.arange(len(self.rows))
        return np.flatnonzero(allowed if self._complete else allowed[self.rows])

    def _probe(self, query: NDArray[np.float32], limit: int, allowed: Mask | None, survivors: int) -> NDArray[np.intp]:
        assert self._index is not None
        cells = self._index.nlist
        selectivity = survivors / len(self.rows)
        probes = min(cells, math.ceil(PROBES / math.sqrt(selectivity)))
        parameters = faiss.SearchParametersIVF(nprobe=probes, sel=self._selector(allowed))
        # a few more than asked for: 8-bit codes order the last places wrongly, exact scores mend that
        _, found = self._index.search(query[None], limit + limit // 4 + 8, params=parameters)
        places: NDArray[np.intp] = found[0][found[0] >= 0]
        return places

    def _selector(self, allowed: Mask | None) -> faiss.IDSelector | None:
        if allowed is None:
            return None
        passing = allowed if self._complete else allowed[self.rows]
        return faiss.IDSelectorBitmap(np.packbits(passing, bitorder="little"))

    def _best(self, query: NDArray[np.float32], places: NDArray[np.intp], limit: int) -> tuple[Rows, Scores]:
        whole = len(places) == len(self.rows)
        cosines = _scored(self.matrix if whole else self.matrix[places], query)
        order = np.argsort(-cosines, kind="stable")[:limit]
        return self.rows[places[order]], cosines[order]


def fixed_point(vectors: NDArray[np.float32]) -> Matrix:
    """Unit vectors as stored."""
    return np.rint(vectors * _ONE).astype(np.int16)


def _floats(matrix: Matrix) -> NDArray[np.float32]:
    return matrix.astype(np.float32) * np.float32(1 / _ONE)


def _scored(matrix: Matrix, query: NDArray[np.float32]) -> Scores:
    cosines: Scores = matrix.astype(np.float32) @ (query * np.float32(1 / _ONE))
    return cosines


def write_vectors(folder: Path, matrix: Matrix, rows: Rows) -> None:
    write_arrays(folder / VECTORS, {"matrix": matrix, "rows": rows})


def write_dense_index(folder: Path) -> None:
    """Train and fill the index over a segment's vectors, when there are enough to need one."""
    matrix = Vectors.open(folder).matrix
    if len(matrix) < INDEX_FROM or (folder / DENSE_INDEX).exists():
        return
    cells = int(4 * math.sqrt(len(matrix)))
    dimensions = matrix.shape[1]
    quantizer = faiss.IndexFlatIP(dimensions)
    index = faiss.IndexIVFScalarQuantizer(
        quantizer, dimensions, cells, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.cp.niter = 10
    index.cp.min_points_per_centroid = 1  # fewer only warns
    sample = np.random.default_rng(0).permutation(len(matrix))[: cells * _TRAINING_POINTS_PER_CELL]
    index.train(_floats(matrix[np.sort(sample)]))
    for start in range(0, len(matrix), 65_536):
        index.add(_floats(matrix[start : start + 65_536]))
    temporary = folder / f"{DENSE_INDEX}.tmp"
    faiss.write_index(index, str(temporary))
    temporary.replace(folder / DENSE_INDEX)
