"""Vectors in a bit for every dimension: candidates are found by Hamming distance and scored by the query's full vector.

A row's scale makes the estimate of its cosine right on average over all queries: dividing by the row's own product with
its signs, as in Gao and Long 2024, "RaBitQ: Quantizing High-Dimensional Vectors with a Theoretical Error Bound for
Approximate Nearest Neighbor Search".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.columns import Mask
from openaisle.engines.protocol import Scores

_AT_A_TIME = 4_096
"""Rows whose bits are floats at a time."""
_RESCORED, _LEAST = 8, 1_000
"""Candidates that Hamming distance gives for every row asked for, and at least: it is coarse."""
_NOTHING = np.finfo(np.float32).tiny
"""A row that sums up to no more points nowhere, and its reciprocal would be infinite."""
_COUNTING = "mc"
"""FAISS's way of keeping the nearest that does not slow down with their number."""


@dataclass(frozen=True)
class Signs:
    """Unit vectors (m, d) as `scales[:, None] * (±1)`; `bits` uint8 (m, ⌈d / 8⌉), 1 for a value above 0, padded
    with 0."""

    bits: NDArray[np.uint8]
    scales: NDArray[np.float32]
    dimensions: int

    @classmethod
    def of(cls, vectors: NDArray[np.float32]) -> Signs:
        along = np.abs(vectors).sum(axis=1, dtype=np.float32)  # of a row, times its signs
        scales = np.reciprocal(np.where(along > _NOTHING, along, np.float32(1)), dtype=np.float32)
        return cls(np.packbits(vectors > 0, axis=1), scales, vectors.shape[1])

    @classmethod
    def joined(cls, parts: Sequence[Signs]) -> Signs:
        bits, scales = ([getattr(part, name) for part in parts] for name in ("bits", "scales"))
        return cls(np.concatenate(bits), np.concatenate(scales), parts[0].dimensions)

    def __len__(self) -> int:
        return len(self.bits)

    def at(self, places: NDArray[np.integer[Any]]) -> Signs:
        return Signs(self.bits.take(places, axis=0), self.scales.take(places), self.dimensions)

    def floats(self, places: NDArray[np.integer[Any]] | slice) -> NDArray[np.float32]:
        signs = np.unpackbits(self.bits[places], axis=1, count=self.dimensions).astype(np.float32) * 2 - 1
        return signs * self.scales[places, None]

    def cosines(self, query: NDArray[np.float32]) -> Scores:
        starts = range(0, len(self), _AT_A_TIME)
        parts = [self.floats(slice(start, start + _AT_A_TIME)) @ query for start in starts]
        return np.concatenate([np.empty(0, np.float32), *parts]).astype(np.float32, copy=False)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"bits": self.bits, "scales": self.scales, "dimensions": np.array([self.dimensions])}


@dataclass(frozen=True)
class HammingScan:
    """Finds candidates by reading every code; safe for many threads."""

    signs: Signs

    def nearest(self, query: NDArray[np.float32], limit: int, passing: Mask | None) -> NDArray[np.int64]:
        """Places of the passing rows whose signs differ least from the query's, several for each of `limit`."""
        places = None if passing is None else np.flatnonzero(passing)
        codes = self.signs.bits if places is None else self.signs.bits.take(places, axis=0)
        count = min(max(_RESCORED * limit, _LEAST), len(codes))
        _, found = faiss.knn_hamming(np.packbits(query > 0)[None], np.ascontiguousarray(codes), count, _COUNTING)
        near: NDArray[np.int64] = found[0][found[0] >= 0]
        return near if places is None else places[near]
