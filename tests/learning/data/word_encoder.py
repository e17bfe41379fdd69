"""An encoder that needs no model: texts are alike as far as they share words and Chinese characters."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from openaisle.learning.data.keys import canonical
from openaisle.models.protocol import EncoderIdentity, Vectors


class WordEncoder:
    """Counts words into hashed places; unit vectors."""

    def __init__(self, dimensions: int = 128) -> None:
        self.identity = EncoderIdentity("words", "1", dimensions, "0" * 64)
        self.encoded: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        return self._encode(texts)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.identity.dimensions), np.float32)
        for row, text in enumerate(texts):
            for word in canonical(text).split():
                vectors[row, zlib.crc32(word.encode()) % self.identity.dimensions] += 1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
