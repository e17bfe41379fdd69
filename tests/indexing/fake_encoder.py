"""An encoder that needs no model: texts that share characters are near each other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from openaisle.models.protocol import CosineRange, EncoderIdentity, Vectors

DIMENSIONS = 32


class FakeEncoder:
    """Every word has a fixed random direction, a text is the sum of its words; counts the documents it encoded."""

    def __init__(self, version: str = "1") -> None:
        self.identity = EncoderIdentity("fake", version, DIMENSIONS, "0" * 64, CosineRange(0.3, 0.8))
        self.encoded = 0

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return np.array([self._vector(text) for text in texts], np.float32).reshape(len(texts), DIMENSIONS)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        self.encoded += len(texts)
        return self.encode_queries(texts)

    def _vector(self, text: str) -> np.ndarray:
        total = sum((_direction(word) for word in text.casefold().split()), np.full(DIMENSIONS, 1e-3))
        return total / np.linalg.norm(total)


def _direction(word: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.blake2b(word.encode(errors="replace"), digest_size=8).digest(), "little")
    return np.random.default_rng(seed).normal(size=DIMENSIONS)
