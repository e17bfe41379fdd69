"""The numbers in which a segment keeps its vectors, and their file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.arrays import read_arrays, write_arrays
from openaisle.engines.embedded.rounded import Rounded
from openaisle.engines.embedded.signs import Signs
from openaisle.engines.protocol import Rows, VectorNumbers

VECTORS = "vectors.arrays"
_BYTES_FROM = 256
"""Dimensions from which a byte for each is as good as a float; one component's error weighs more in short vectors."""

Stored = Rounded | Signs


def code(vectors: NDArray[np.float32], numbers: VectorNumbers) -> Stored:
    """Unit vectors (m, d). `float32` keeps cosines within about .001 by as few bytes as that takes."""
    if numbers == "binary":
        return Signs.of(vectors)
    return Rounded.of(vectors, np.int8 if numbers == "int8" or vectors.shape[1] >= _BYTES_FROM else np.int16)


def joined(parts: Sequence[Stored], dimensions: int, numbers: VectorNumbers) -> Stored:
    """All rows of parts that were coded in the same numbers."""
    every: list[Any] = [code(np.empty((0, dimensions), np.float32), numbers), *parts]
    return type(every[0]).joined(every)  # type: ignore[no-any-return]


def write_vectors(folder: Path, stored: Stored, rows: Rows) -> None:
    """`rows` (ascending) are those that have a vector."""
    write_arrays(folder / VECTORS, {**stored.arrays(), "rows": rows})


def read_vectors(folder: Path) -> tuple[Stored, Rows]:
    arrays = read_arrays(folder / VECTORS)
    if "bits" in arrays:
        return Signs(arrays["bits"], arrays["scales"], int(arrays["dimensions"][0])), arrays["rows"]
    return Rounded(arrays["matrix"], arrays["scales"]), arrays["rows"]
