"""Vectors in fewer bits, and what of a search that loses.

int8: each dimension by its own largest value in a sample, so that cosines are kept; binary: the sign of each dimension,
compared by Hamming distance, which a search re-scores with the query's full vector (Yamada et al. 2021, "Efficient
Passage Retrieval with Hashing for Open-domain Question Answering").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from openaisle.errors import ModelError

Vectors = NDArray[np.float32]
Numbers = Literal["float32", "int8", "binary"]

_LARGEST = 127
_NOTHING = 1e-30
"""A dimension that never exceeds this is 0: a step below it would not be a float any more."""
_AT_A_TIME = 256
"""Queries compared at a time: bounds memory over a catalogue of any size."""
_RESCORED = 4
"""Times as many candidates as are asked for that binary codes hand on to be scored again."""


@dataclass(frozen=True, slots=True)
class Int8Codes:
    """`codes` int8 (n, d); `steps` float32 (d,): value = code * step."""

    codes: NDArray[np.int8]
    steps: Vectors

    def cosines(self, queries: Vectors) -> Vectors:
        """Unit queries (q, d) → (q, n), near the cosines with the vectors that were coded."""
        return np.asarray((queries * self.steps) @ self.codes.astype(np.float32).T, np.float32)


@dataclass(frozen=True, slots=True)
class BinaryCodes:
    """`codes` uint8 (n, d / 8, rounded up), a bit a dimension; bits beyond `dimensions` are 0."""

    codes: NDArray[np.uint8]
    dimensions: int

    def distances(self, queries: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Codes of queries (q, bytes) → Hamming distances (q, n)."""
        return np.stack([np.bitwise_count(self.codes ^ code).sum(axis=1, dtype=np.int32) for code in queries])

    def cosines(self, queries: Vectors) -> Vectors:
        """Unit queries (q, d) → (q, n): of the queries' full vectors with the codes as ±1 vectors of unit length."""
        signs = np.unpackbits(self.codes, axis=1, count=self.dimensions).astype(np.float32) * 2 - 1
        return np.asarray(queries @ signs.T / np.sqrt(self.dimensions), np.float32)


def int8_codes(vectors: Vectors) -> Int8Codes:
    """(n, d) → codes of a byte a dimension. Raises `ModelError` for no vectors, or values that are not finite."""
    _require(vectors)
    largest = np.abs(vectors).max(axis=0)
    steps = np.where(largest > _NOTHING, largest / _LARGEST, np.float32(1)).astype(np.float32)
    return Int8Codes(np.round(vectors / steps).astype(np.int8), steps)


def binary_codes(vectors: Vectors) -> BinaryCodes:
    """(n, d) → codes of a bit a dimension: whether it is above 0. Raises `ModelError` as `int8_codes`."""
    _require(vectors)
    return BinaryCodes(np.packbits(vectors > 0, axis=1), vectors.shape[1])


@dataclass(frozen=True, slots=True)
class Kept:
    """What codes keep of the search with full vectors: `recall` is the share of its first `k` that are found among
    the first `k` with codes (binary ones re-scored with the query's full vector), on average over queries;
    `largest_difference` is that of a cosine, not stated for binary codes, whose scores are on another scale."""

    numbers: Numbers
    bytes_a_vector: int
    k: int
    recall: float
    largest_difference: float | None


def kept(queries: Vectors, documents: Vectors, numbers: Numbers, k: int = 10) -> Kept:
    """Measure codes on unit vectors (q, d) and (n, d). Raises `ModelError` for fewer than `k` documents."""
    if len(documents) < k or not len(queries):
        raise ModelError(f"Recall needs queries and at least {k} documents.", "Give more texts.")
    dimensions = documents.shape[1]
    if numbers == "float32":
        return Kept(numbers, 4 * dimensions, k, 1.0, 0.0)
    coded: Int8Codes | BinaryCodes = int8_codes(documents) if numbers == "int8" else binary_codes(documents)
    recalls: list[float] = []
    apart = 0.0
    for start in range(0, len(queries), _AT_A_TIME):
        part = queries[start : start + _AT_A_TIME]
        exact = part @ documents.T
        scores = coded.cosines(part)
        if isinstance(coded, BinaryCodes):
            scores = _rescored(coded, part, scores, k)
        else:
            apart = max(apart, float(np.abs(scores - exact).max()))
        recalls += [_shared(one, other) for one, other in zip(_first(exact, k), _first(scores, k), strict=True)]
    size = dimensions if numbers == "int8" else -(-dimensions // 8)
    return Kept(numbers, size, k, float(np.mean(recalls)), apart if numbers == "int8" else None)


def _rescored(coded: BinaryCodes, queries: Vectors, scores: Vectors, k: int) -> Vectors:
    """Scores of the candidates that Hamming distance finds; all others are out."""
    distances = coded.distances(np.packbits(queries > 0, axis=1))
    out = np.full_like(scores, -np.inf)
    count = min(scores.shape[1], _RESCORED * k)
    near = np.argpartition(distances, count - 1, axis=1)[:, :count]
    np.put_along_axis(out, near, np.take_along_axis(scores, near, axis=1), axis=1)
    return out


def _first(scores: Vectors, k: int) -> NDArray[np.intp]:
    return np.argpartition(-scores, k - 1, axis=1)[:, :k]


def _shared(one: NDArray[np.intp], other: NDArray[np.intp]) -> float:
    return len(np.intersect1d(one, other)) / len(one)


def _require(vectors: Vectors) -> None:
    if vectors.ndim != 2 or not len(vectors) or not np.isfinite(vectors).all():
        raise ModelError("There are no vectors to code, or some are not finite.", "Check the encoder.")
