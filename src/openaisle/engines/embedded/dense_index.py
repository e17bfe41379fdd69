"""The index over a segment's vectors: product-quantised codes, all of them scanned in registers (FAISS fast scan).

Long vectors are first projected on the half of their directions in which the segment's vectors differ most, so that the
same number of codes says more. Real embeddings of titles do not fall into tidy clusters: on the starter's vectors an
inverted file had to visit most of its cells, and a navigable graph half a thousand nodes, for the recall that a scan of
4-bit codes has for little more, built in a twentieth of the time. A scan also keeps its recall under any filter,
because it asks of every code that could enter the result whether its row passes. Codes only choose candidates;
`Vectors` scores these exactly.

Source of the scan: André, Kermarrec and Le Scouarnec, "Cache locality is not enough: high-performance nearest neighbor
search with product quantization fast scan", VLDB 2015.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.arrays import corrupt, sync_file
from openaisle.engines.embedded.columns import Mask

DENSE_INDEX = "dense.faiss"
_PROJECTED_FROM = 256
"""Shorter vectors are coded whole."""
_DIMENSIONS_PER_CODE = 2
_LEAST_CODES = 64
"""Short vectors are coded more finely, down to a code for every dimension."""
_BITS = 4
_TRAINED_ON = 40_000
_RESERVOIR = 11
"""FAISS's way of keeping the best that is quickest for one query and a few hundred results."""
_ADDED = 65_536
"""Vectors that are floats at a time."""
_RESCORED, _LEAST = 3, 300
"""Candidates that codes give for every row asked for, and at least, to be scored exactly."""
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
        codes = faiss.downcast_index(index.index)
        codes.implem = _RESERVOIR
        return cls(index)

    def nearest(self, query: Query, limit: int, passing: Mask | None) -> Places:
        """Places of passing vectors near the query, several for each of `limit`, in no exact order; fewer only if
        fewer pass."""
        count = max(_RESCORED * limit, _LEAST)
        selector = None if passing is None else faiss.IDSelectorBitmap(np.packbits(passing, bitorder="little"))
        scan = faiss.SearchParametersIVF(nprobe=1, sel=selector)
        parameters = faiss.SearchParametersPreTransform(index_params=scan)
        _, found = self.index.search(query[None].astype(np.float32, copy=False), count, params=parameters)
        places: Places = found[0]
        return places if passing is None and len(places) <= self.index.ntotal else places[places >= 0]


def product(matrix: NDArray[Any], query: Query) -> NDArray[np.float32]:
    """Matrix times vector, in pieces that one thread computes; integers become floats a piece at a time."""
    rows = max(_SINGLE_THREADED // max(len(query), 1), 1)
    if len(matrix) <= rows:
        whole: NDArray[np.float32] = matrix.astype(np.float32, copy=False) @ query
        return whole
    result = np.empty(len(matrix), np.float32)
    for start in range(0, len(matrix), rows):
        result[start : start + rows] = matrix[start : start + rows].astype(np.float32, copy=False) @ query
    return result


def build_dense_index(folder: Path, count: int, floats: Callable[[Any], NDArray[np.float32]]) -> None:
    """Train and fill an index over `count` vectors; `floats` gives those at the places of an array or a slice."""
    sample = np.random.default_rng(0).permutation(count)[:_TRAINED_ON]
    known = floats(np.sort(sample))
    directions = _directions(known)
    dimensions, kept = directions.shape
    # a single cell: the plain fast-scan index knows no filters, the inverted file does
    codes = faiss.IndexIVFPQFastScan(faiss.IndexFlatIP(kept), kept, 1, _codes(kept), _BITS, faiss.METRIC_INNER_PRODUCT)
    codes.by_residual = False
    codes.cp.min_points_per_centroid = 1  # fewer only warns
    projection = faiss.LinearTransform(dimensions, kept, False)
    faiss.copy_array_to_vector(np.ascontiguousarray(directions.T).ravel(), projection.A)
    projection.is_trained = True
    index = faiss.IndexPreTransform(projection, codes)
    index.train(known)
    for start in range(0, count, _ADDED):
        index.add(floats(slice(start, start + _ADDED)))
    temporary = folder / f"{DENSE_INDEX}.tmp"
    try:
        faiss.write_index(index, str(temporary))
    except RuntimeError as error:  # FAISS does not tell what the system said
        raise OSError(errno.ENOSPC, "the index of vectors cannot be written") from error
    sync_file(temporary)
    temporary.replace(folder / DENSE_INDEX)


def _directions(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """An orthonormal basis of what is kept of the vectors, as columns: the principal half, turned at random so that
    every code has as much to say. What all vectors have in common is lost with the rest, and orders nothing."""
    dimensions = vectors.shape[1]
    if dimensions < _PROJECTED_FROM:
        return np.eye(dimensions, dtype=np.float32)
    _, principal = np.linalg.eigh(np.cov(vectors, rowvar=False))
    kept = dimensions // 2
    turned, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(kept, kept)))
    basis: NDArray[np.float32] = (principal[:, -kept:] @ turned).astype(np.float32)
    return basis


def _codes(dimensions: int) -> int:
    """Number of codes a vector: it must divide the dimensions."""
    wanted = min(max(dimensions // _DIMENSIONS_PER_CODE, _LEAST_CODES), dimensions)
    return next(codes for codes in range(wanted, 0, -1) if dimensions % codes == 0)
