"""Matrices that a model folder holds in 4 bits and that run in int8: half the bytes on disk, the faster product.

The folder's graph leaves them out (as external data); `weights.npz` holds them, and they are unpacked when the graph is
opened. What a matrix is called there, its constants are called in the graph, with `INTEGERS` and `SCALES` behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from openaisle.errors import ModelError

FILE = "weights.npz"
INTEGERS, SCALES = ".int8", ".scales"
QUANTISED = "q/"
"""What stands before the name of a constant that was put into fewer bits."""
NIBBLES, STEPS, COLUMNS = ".4bit", ".4bit.scales", ".columns"

LARGEST_WEIGHT = 63
"""7 bits: processors without dot-product instructions add two products in 16 bits, which 8 bits would overflow."""
_MIDDLE = 8
_NOTHING = 1e-30


@dataclass(frozen=True, slots=True)
class Matrix:
    """`packed` uint8 (rows, blocks, half a block): byte i of a block holds values 2i and 2i + 1, value = (nibble - 8) *
    step; `steps` float16 (rows, blocks); `columns` of the whole blocks are meant."""

    packed: NDArray[np.uint8]
    steps: NDArray[np.float16]
    columns: int

    def floats(self) -> NDArray[np.float32]:
        """(rows, columns)."""
        nibbles = np.stack([self.packed & 15, self.packed >> 4], axis=-1).reshape(*self.steps.shape, -1)
        values = (nibbles.astype(np.float32) - _MIDDLE) * self.steps.astype(np.float32)[..., None]
        return values.reshape(len(values), -1)[:, : self.columns]

    def int8(self) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        """Integers (rows, columns) from -63 to 63, and a scale for each row."""
        values = self.floats()
        scales = (np.abs(values).max(axis=1) / LARGEST_WEIGHT).astype(np.float32)
        safe = np.where(scales > _NOTHING, scales, np.float32(1))
        return np.round(values / safe[:, None]).astype(np.int8), scales


def unpacked(folder: Path) -> Mapping[str, NDArray[Any]]:
    """The graph's constants by name, int8 (columns, rows) and float32 (rows,). Raises `ModelError` for a foreign
    file."""
    try:
        return dict(_constants(packed_matrices(folder)))
    except (OSError, EOFError, TypeError, ValueError, LookupError, BadZipFile) as error:
        raise ModelError(f"{folder / FILE} holds no packed matrices: {error}.", "Install the model again.") from error


def packed_matrices(folder: Path) -> Iterator[tuple[str, Matrix]]:
    """The folder's matrices by name. Raises what a file that holds none makes NumPy raise."""
    with (folder / FILE).open("rb") as file, np.load(file, allow_pickle=False) as held:
        for key in held.files:
            if key.endswith(NIBBLES):
                name = key.removesuffix(NIBBLES)
                yield name, Matrix(held[key], held[f"{name}{STEPS}"], int(held[f"{name}{COLUMNS}"]))


def _constants(matrices: Iterable[tuple[str, Matrix]]) -> Iterator[tuple[str, NDArray[Any]]]:
    for name, matrix in matrices:
        integers, scales = matrix.int8()
        yield f"{name}{INTEGERS}", np.ascontiguousarray(integers.T)
        yield f"{name}{SCALES}", scales
