"""What of a search vectors in fewer bits lose, in the codes that the index keeps them in.

Binary codes are compared by Hamming distance and what they find is scored by the query's full vector (Yamada et al.
2021, "Efficient Passage Retrieval with Hashing for Open-domain Question Answering").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.rounded import Rounded
from openaisle.engines.embedded.signs import HammingScan
from openaisle.engines.embedded.stored import Stored, code
from openaisle.engines.protocol import VectorNumbers
from openaisle.errors import ModelError

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Kept:
    """What codes keep of the search with full vectors: `recall` is the share of its first `k` that are found among the
    first `k` with codes, on average over queries; `difference` is the mean one of a cosine."""

    numbers: VectorNumbers
    bytes_a_vector: float
    k: int
    recall: float
    difference: float

    def as_dict(self) -> dict[str, Any]:
        return {
            "numbers": self.numbers,
            "bytes_a_vector": self.bytes_a_vector,
            f"recall@{self.k}": self.recall,
            "mean_difference": self.difference,
        }


def kept(queries: Vectors, documents: Vectors, numbers: VectorNumbers, k: int = 10) -> Kept:
    """Measure codes on unit vectors (q, d) and (n, d). Raises `ModelError` for fewer than `k` documents, no queries,
    or values that are not finite."""
    if len(documents) < k or not len(queries):
        raise ModelError(f"Recall needs queries and at least {k} documents.", "Give more texts.")
    if not (np.isfinite(queries).all() and np.isfinite(documents).all()):
        raise ModelError("Some vectors are not finite.", "Check the encoder.")
    stored = code(documents, numbers)
    nearest = _search(stored, k)
    shared, apart = 0.0, 0.0
    for query in queries:
        exact = documents @ query
        shared += len(np.intersect1d(nearest(query), np.argpartition(-exact, k - 1)[:k])) / k
        apart += float(np.abs(stored.cosines(query) - exact).mean())
    size = sum(array.nbytes for array in stored.arrays().values()) / len(documents)
    return Kept(numbers, round(size, 1), k, shared / len(queries), apart / len(queries))


def _search(stored: Stored, k: int) -> Callable[[Vectors], NDArray[np.integer[Any]]]:
    """From a query to the places of its nearest by these codes."""
    if isinstance(stored, Rounded):
        return lambda query: np.argpartition(-stored.cosines(query), k - 1)[:k]
    scan = HammingScan(stored)

    def rescored(query: Vectors) -> NDArray[np.integer[Any]]:
        places = scan.nearest(query, k, None)
        return places[np.argsort(-stored.at(places).cosines(query), kind="stable")[:k]]

    return rescored
