"""Vectors as every encoder hands them out: float32, of unit length, finite."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openaisle.errors import ModelError
from openaisle.models.protocol import Vectors


def empty(dimensions: int) -> Vectors:
    return np.zeros((0, dimensions), dtype=np.float32)


def unit(vectors: NDArray[np.floating], model: str) -> Vectors:
    """Rows scaled to length 1. Raises `ModelError` when a row is zero or not finite: it has no direction."""
    rows = np.asarray(vectors, dtype=np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, np.newaxis]
    if not np.isfinite(lengths).all() or (lengths < 1e-12).any():
        raise ModelError(
            f"{model} answered with a vector that is zero or not finite.",
            "Check that the model suits text embedding, then run `openaisle reindex` with another encoder.",
        )
    scaled: Vectors = rows / lengths
    return scaled
