"""Vectors in a quarter of their bytes: each number a whole one from -127 to 127, times a scale of its row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.recommend.ids import Numbers
from openaisle.recommend.scores import Values

_LARGEST = 127
_AT_ONCE = 20_000
"""Rows that are float32 while they are rounded."""


@dataclass(frozen=True, slots=True)
class Rounded:
    """`integers` int8 (rows, dimensions), `scales` float32 (rows, 1). An inner product with a row is off by about a
    thousandth of both lengths, far below the differences that matter, and is taken out faster than from float16."""

    integers: NDArray[np.int8]
    scales: Values

    @classmethod
    def of(cls, vectors: NDArray[Any]) -> Rounded:
        integers = np.empty(vectors.shape, np.int8)
        scales = np.empty((len(vectors), 1), np.float32)
        for start in range(0, len(vectors), _AT_ONCE):
            rows = slice(start, start + _AT_ONCE)
            exact = vectors[rows].astype(np.float32)
            scales[rows] = np.abs(exact).max(axis=1, keepdims=True) / _LARGEST
            integers[rows] = np.rint(exact / np.where(scales[rows] > 0, scales[rows], np.float32(1)))
        return cls(integers, scales)

    def __len__(self) -> int:
        return len(self.integers)

    def __getitem__(self, rows: Numbers) -> Values:
        found: Values = self.integers[rows].astype(np.float32)
        found *= self.scales[rows]
        return found

    def inner(self, queries: Values, rows: Numbers) -> Values:
        """(rows, queries) inner products of these rows."""
        found: Values = self.integers[rows].astype(np.float32) @ queries.T
        found *= self.scales[rows]
        return found

    @property
    def dimensions(self) -> int:
        return int(self.integers.shape[1])

    def vectors(self) -> NDArray[np.float16]:
        """All of them."""
        found = np.empty(self.integers.shape, np.float16)
        for start in range(0, len(self), _AT_ONCE):
            rows = slice(start, start + _AT_ONCE)
            found[rows] = self.integers[rows] * self.scales[rows]
        return found
