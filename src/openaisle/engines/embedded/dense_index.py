"""The index over a segment's vectors: product-quantised codes, all of them scanned in registers (FAISS fast scan).

Real embeddings of titles do not fall into tidy clusters: on the starter's vectors an inverted file had to visit a third
of its cells, and a navigable graph half a thousand nodes, for the recall that a scan of 4-bit codes has for less, built
in a twentieth of the time. A scan also keeps its recall under any filter, because it asks of every code that could
enter the result whether its row passes. Codes only choose candidates; `Vectors` scores these exactly.

Source of the scan: André, Kermarrec and Le Scouarnec, "Cache locality is not enough: high-performance nearest neighbor
search with product quantization fast scan", VLDB 2015.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.arrays import corrupt, sync_file
from openaisle.engines.embedded.columns import Mask

DENSE_INDEX = "dense.faiss"
_DIMENSIONS_PER_CODE = 3
_LEAST_CODES = 64
"""Short vectors are coded more finely, down to a code for every dimension."""
_BITS = 4
_TRAINED_ON = 40_000
_RESERVOIR = 11
"""FAISS's way of keeping the best that is quickest for one query and a few hundred results."""
_SINGLE_THREADED = 400_000
"""Factors of a product that BLAS leaves to one thread. Threads of many searches at once only wait for each other."""

Query = NDArray[np.float32]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """Finds candidates; safe for many threads."""

    index: Any

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
        index.implem = _RESERVOIR
        return cls(index)

    def nearest(self, query: Query, count: int, passing: Mask | None) -> Places:
        """Places of about `count` passing vectors near the query, in no exact order; fewer only if fewer pass."""
        selector = None if passing is None else faiss.IDSelectorBitmap(np.packbits(passing, bitorder="little"))
        parameters = faiss.SearchParametersIVF(nprobe=1, sel=selector)
        _, found = self.index.search(query[None].astype(np.float32, copy=False), count, params=parameters)
        places: Places = found[0][found[0] >= 0]
        return places


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
    # a single cell: the plain fast-scan index knows no filters, the inverted file does
    quantizer = faiss.IndexFlatIP(dimensions)
    index = faiss.IndexIVFPQFastScan(quantizer, dimensions, 1, _codes(dimensions), _BITS, faiss.METRIC_INNER_PRODUCT)
    index.by_residual = False
    index.cp.min_points_per_centroid = 1  # fewer only warns
    sample = np.random.default_rng(0).permutation(count)[:_TRAINED_ON]
    index.train(floats(matrix[np.sort(sample)]))
    for start in range(0, count, 65_536):
        index.add(floats(matrix[start : start + 65_536]))
    temporary = folder / f"{DENSE_INDEX}.tmp"
    try:
        faiss.write_index(index, str(temporary))
    except RuntimeError as error:  # FAISS does not tell what the system said
        raise OSError(errno.ENOSPC, "the index of vectors cannot be written") from error
    sync_file(temporary)
    temporary.replace(folder / DENSE_INDEX)


def _codes(dimensions: int) -> int:
    """Number of codes a vector: it must divide the dimensions."""
    wanted = min(max(dimensions // _DIMENSIONS_PER_CODE, _LEAST_CODES), dimensions)
    return next(codes for codes in range(wanted, 0, -1) if dimensions % codes == 0)
