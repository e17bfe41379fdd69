"""What an encoder is to the rest of the house."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EncoderIdentity:
    """What an index remembers of the encoder that built it; equal identities give comparable vectors."""

    name: str
    version: str
    dimensions: int
    digest: str
    """SHA-256 over weights and tokenizer, or over the endpoint's address and model name."""


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
