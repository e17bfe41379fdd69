"""What an encoder and a reranker are to the rest of the house."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Relevances = NDArray[np.float32]
VectorNumbers = Literal["float32", "int8", "binary"]


@dataclass(frozen=True, slots=True)
class CosineRange:
    """How an encoder's cosines read: models differ widely in how close they put texts that have nothing in common."""

    unrelated: float = 0.1
    """The most that a query and a product with nothing in common usually reach."""
    related: float = 0.7
    """What a query and a product that answers it well usually reach."""
    translated: float = 0.0
    """How much lower all of this lies when query and product are in different languages."""

    def relevance(self, cosines: Vectors, translated: NDArray[np.bool_]) -> Vectors:
        """Cosines on a scale where 0 is unrelated and 1 answers well; it may exceed 1. `translated` tells for each
        whether query and product are in different languages."""
        unrelated = self.unrelated - np.where(translated, np.float32(self.translated), np.float32(0))
        scaled = (cosines - unrelated) / np.float32(self.related - self.unrelated)
        return np.maximum(scaled, 0).astype(np.float32)


@dataclass(frozen=True, slots=True)
class EncoderIdentity:
    """What an index remembers of the encoder that built it; equal identities give comparable vectors."""

    name: str
    version: str
    dimensions: int
    digest: str
    """SHA-256 over weights and tokenizer, or over the endpoint's address and model name."""
    cosines: CosineRange = CosineRange()
    vectors: VectorNumbers = "float32"
    """The numbers that an index is to keep documents' vectors in."""


@runtime_checkable
class Encoder(Protocol):
    """Text to unit vectors, `(len(texts), dimensions)` float32, rows in the order of the texts.

    Queries and documents may be encoded differently (instruction prefixes), so each has its method.
    Raises `ModelError` when the backend fails.
    """

    @property
    def identity(self) -> EncoderIdentity: ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors: ...

    def encode_documents(self, texts: Sequence[str]) -> Vectors: ...


@runtime_checkable
class Reranker(Protocol):
    """How well texts answer a query, 0 to 1, float32 `(len(texts),)` in the order of the texts.

    Raises `ModelError` when the backend fails.
    """

    @property
    def name(self) -> str: ...

    def score(self, query: str, texts: Sequence[str]) -> Relevances: ...
