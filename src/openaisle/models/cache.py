"""Vectors of the queries asked last: shoppers ask the same thing, and encoding is the slowest step of a search."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from openaisle.models.protocol import Encoder, EncoderIdentity, Vectors
from openaisle.models.vectors import empty


@dataclass(frozen=True, slots=True)
class CacheCounts:
    """How often a query's vector was at hand since the cache was made, and how many are kept now."""

    hits: int
    misses: int
    entries: int


class QueryCache:
    """An encoder that remembers the vectors of the last `size` distinct queries; documents pass through.

    Safe to share between threads: two that miss the same query at once both encode it, and no one waits for a lock
    while a model runs.
    """

    def __init__(self, encoder: Encoder, size: int) -> None:
        if size < 1:
            raise ValueError("A cache holds at least one query.")
        self._encoder = encoder
        self._size = size
        self._lock = Lock()
        self._vectors: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._hits = 0
        self._misses = 0

    @property
    def identity(self) -> EncoderIdentity:
        return self._encoder.identity

    @property
    def counts(self) -> CacheCounts:
        with self._lock:
            return CacheCounts(self._hits, self._misses, len(self._vectors))

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return empty(self.identity.dimensions)
        known = self._recall(texts)
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            fresh = dict(zip(missing, self._encoder.encode_queries(missing), strict=True))
            self._remember(fresh.items())
            known |= fresh
        return np.stack([known[text] for text in texts])

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.encode_documents(texts)

    def _recall(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        with self._lock:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
            for text in known:
                self._vectors.move_to_end(text)
            hits = sum(text in known for text in texts)
            self._hits += hits
            self._misses += len(texts) - hits
            return known

    def _remember(self, fresh: Iterable[tuple[str, NDArray[np.float32]]]) -> None:
        with self._lock:
            for text, vector in fresh:
                self._vectors[text] = vector.copy()
                self._vectors.move_to_end(text)
            while len(self._vectors) > self._size:
                self._vectors.popitem(last=False)
