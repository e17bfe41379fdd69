"""The index over a segment's vectors: an inverted file with 8-bit codes (FAISS), probed with the filter in mind.

Under a filter, cells are visited in the order of their centroids until enough rows that pass were seen. So a filter
that goes with meaning (a category, a brand) finds its few cells however far they lie from the query, and a filter that
does not visits more cells the fewer rows pass.
"""

from __future__ import annotations

import errno
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.arrays import corrupt, read_arrays, sync_file, write_arrays
from openaisle.engines.embedded.columns import Mask

DENSE_INDEX, CELLS = "dense.faiss", "dense.arrays"
_PROBES = 24
"""Cells visited of about 4·√n; see bench/recall.py for recall against exact search."""
_SEEN = 3_000
"""Rows that pass the filter in the cells visited, at least."""
_SAMPLED = 50_000
"""Rows by which cells are counted when more than this pass a filter: no more exactness is needed."""
_TRAINING_POINTS_PER_CELL = 64
_SINGLE_THREADED = 400_000
"""Factors of a product that BLAS leaves to one thread. Threads of many searches at once only wait for each other."""

Query = NDArray[np.float32]
Places = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """`centroids` (cells, d) of the cells; `cells` the cell of each vector."""

    index: Any
    centroids: NDArray[np.float32]
    cells: NDArray[np.int32]

    @classmethod
    def open(cls, folder: Path) -> DenseIndex | None:
        """None for a segment that is too small to have one."""
        path = folder / DENSE_INDEX
        if not path.exists():
            return None
        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise corrupt(path, "FAISS cannot read it") from error
        return cls(index, **read_arrays(folder / CELLS))

    def nearest(self, query: Query, count: int, passing: Mask | None) -> Places:
        """Places of at most `count` vectors near the query, in no exact order: for a filter that most rows pass."""
        query = np.ascontiguousarray(query, np.float32)
        similarities = product(self.centroids, query)
        chosen = np.argpartition(-similarities, _PROBES)[:_PROBES].astype(np.int64)
        parameters = faiss.SearchParametersIVF(nprobe=_PROBES, sel=_selector(passing))
        scores, found = np.empty(count, np.float32), np.empty(count, np.int64)
        pointers = [faiss.swig_ptr(array) for array in (chosen, similarities[chosen], scores, found)]
        # the wrapped method takes no parameters
        self.index.search_preassigned_c(1, faiss.swig_ptr(query), count, *pointers, False, parameters)
        return found[found >= 0]

    def among(self, query: Query, passing: Mask) -> Places:
        """Places of the passing vectors in the cells near the query, enough of them to hold the nearest. To score these
        exactly is faster than to have FAISS look at all codes of many cells for the few that pass."""
        similarities = product(self.centroids, query)
        places = np.flatnonzero(passing)
        cells = self.cells[places]
        stride = max(len(places) // _SAMPLED, 1)
        held = np.bincount(cells[::stride], minlength=len(similarities)) * stride
        order = np.argsort(-similarities)
        enough = max(_SEEN, _PROBES * len(passing) // len(similarities))
        chosen = np.zeros(len(similarities), bool)
        chosen[order[: int(np.searchsorted(np.cumsum(held[order]), enough)) + 1]] = True
        return places[chosen[cells]]


def product(matrix: NDArray[Any], query: Query) -> NDArray[np.float32]:
    """Matrix times vector, in pieces that one thread computes; integers become floats a piece at a time."""
    rows = max(_SINGLE_THREADED // max(len(query), 1), 1)
    result = np.empty(len(matrix), np.float32)
    for start in range(0, len(matrix), rows):
        result[start : start + rows] = matrix[start : start + rows].astype(np.float32, copy=False) @ query
    return result


def build_dense_index(folder: Path, matrix: NDArray[np.int16], scale: float) -> None:
    """Train and fill an index over vectors in fixed point; `scale` makes them unit vectors again."""

    def floats(part: NDArray[np.int16]) -> NDArray[np.float32]:
        return part.astype(np.float32) * np.float32(scale)

    count, dimensions = matrix.shape
    cells = int(4 * math.sqrt(count))
    quantizer = faiss.IndexFlatIP(dimensions)
    index = faiss.IndexIVFScalarQuantizer(
        quantizer, dimensions, cells, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.cp.niter = 10
    index.cp.min_points_per_centroid = 1  # fewer only warns
    sample = np.random.default_rng(0).permutation(count)[: cells * _TRAINING_POINTS_PER_CELL]
    index.train(floats(matrix[np.sort(sample)]))
    for start in range(0, count, 65_536):
        index.add(floats(matrix[start : start + 65_536]))
    centroids = quantizer.reconstruct_n(0, cells)
    write_arrays(folder / CELLS, {"centroids": centroids, "cells": _cells(index, count)})
    temporary = folder / f"{DENSE_INDEX}.tmp"
    try:
        faiss.write_index(index, str(temporary))
    except RuntimeError as error:  # FAISS does not tell what the system said
        raise OSError(errno.ENOSPC, "the index of vectors cannot be written") from error
    sync_file(temporary)
    temporary.replace(folder / DENSE_INDEX)


def _cells(index: Any, count: int) -> NDArray[np.int32]:
    cells = np.empty(count, np.int32)
    for cell in range(index.nlist):
        held = index.invlists.list_size(cell)
        if held:
            cells[faiss.rev_swig_ptr(index.invlists.get_ids(cell), held)] = cell
    return cells


def _selector(passing: Mask | None) -> faiss.IDSelector | None:
    return None if passing is None else faiss.IDSelectorBitmap(np.packbits(passing, bitorder="little"))
