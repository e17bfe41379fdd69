"""Vectors in a byte for every dimension and a scale for every row, or two bytes: near enough to score any row by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.dense_index import product
from openaisle.engines.protocol import Scores

Integers = type[np.int8] | type[np.int16]


@dataclass(frozen=True)
class Rounded:
    """Unit vectors (m, d) as `scales[:, None] * matrix`. Rounded once: taking and joining rows changes none."""

    matrix: NDArray[np.signedinteger[Any]]
    scales: NDArray[np.float32]

    @classmethod
    def of(cls, vectors: NDArray[np.float32], integers: Integers) -> Rounded:
        scales = np.abs(vectors).max(axis=1, initial=0.0).astype(np.float32) / np.float32(np.iinfo(integers).max)
        rounded = np.rint(vectors / np.where(scales > 0, scales, np.float32(1))[:, None])
        return cls(rounded.astype(integers), scales)

    @classmethod
    def joined(cls, parts: Sequence[Rounded]) -> Rounded:
        return cls(np.concatenate([part.matrix for part in parts]), np.concatenate([part.scales for part in parts]))

    def __len__(self) -> int:
        return len(self.matrix)

    @property
    def dimensions(self) -> int:
        return int(self.matrix.shape[1])

    def at(self, places: NDArray[np.integer[Any]]) -> Rounded:
        return Rounded(self.matrix.take(places, axis=0), self.scales.take(places))

    def floats(self, places: NDArray[np.integer[Any]] | slice) -> NDArray[np.float32]:
        return self.matrix[places] * self.scales[places, None]

    def cosines(self, query: NDArray[np.float32]) -> Scores:
        return product(self.matrix, query) * self.scales

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"matrix": self.matrix, "scales": self.scales}
