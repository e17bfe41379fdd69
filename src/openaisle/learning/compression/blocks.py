"""Matrices in fewer bits: the numbers themselves, without a graph around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

BLOCK = 32
"""Values that share a scale in 4 bits."""

_ROWS_AT_A_TIME = 8192
_NOTHING = 1e-30
_SHRINKS = (1.0, 0.95, 0.9, 0.85, 0.8, 8 / 7, -8 / 7)
"""Scales that are tried as shares of the one that takes the extreme to the longer end: cutting a lone extreme often
costs less overall, and what is in blocks of 4 bits already, with the extreme at 7 or -7, is kept as it is."""


@dataclass(frozen=True, slots=True)
class FourBits:
    """`nibbles` uint8 (rows, blocks, BLOCK), value = (nibble - 8) * scale; `scales` float16 (rows, blocks)."""

    nibbles: NDArray[np.uint8]
    scales: NDArray[np.float16]

    @property
    def packed(self) -> NDArray[np.uint8]:
        """(rows, blocks, BLOCK / 2); byte i of a block holds values 2i and 2i + 1."""
        return (self.nibbles[:, :, 0::2] | self.nibbles[:, :, 1::2] << 4).astype(np.uint8)

    def floats(self) -> Floats:
        values = (self.nibbles.astype(np.float32) - 8) * self.scales.astype(np.float32)[..., None]
        return values.reshape(len(values), -1)


def four_bits(matrix: Floats) -> FourBits:
    """Rows in blocks of `BLOCK`, the scale of each chosen for the least squared error. The columns are filled up with
    zeros to whole blocks."""
    rows, columns = matrix.shape
    whole = np.zeros((rows, -(-columns // BLOCK) * BLOCK), np.float32)
    whole[:, :columns] = matrix
    parts = [
        _four_bits(whole[start : start + _ROWS_AT_A_TIME].reshape(-1, whole.shape[1] // BLOCK, BLOCK))
        for start in range(0, rows, _ROWS_AT_A_TIME)
    ]
    return FourBits(np.concatenate([part.nibbles for part in parts]), np.concatenate([part.scales for part in parts]))


def _four_bits(blocks: Floats) -> FourBits:
    at = np.abs(blocks).argmax(axis=2)[..., None]
    # the largest value goes to -8, the end of the range that reaches further
    extreme = np.take_along_axis(blocks, at, axis=2)[..., 0] / -8
    best = FourBits(np.full(blocks.shape, 8, np.uint8), np.zeros(extreme.shape, np.float16))
    least = np.full(extreme.shape, np.inf, np.float32)
    for shrink in _SHRINKS:
        tried = _rounded(blocks, (extreme * shrink).astype(np.float16))
        lost = np.square(tried.floats().reshape(blocks.shape) - blocks).sum(axis=2)
        better = lost < least
        best = FourBits(
            np.where(better[..., None], tried.nibbles, best.nibbles), np.where(better, tried.scales, best.scales)
        )
        least = np.minimum(least, lost)
    return best


def _rounded(blocks: Floats, scales: NDArray[np.float16]) -> FourBits:
    exact = scales.astype(np.float32)[..., None]
    steps = np.divide(blocks, exact, out=np.zeros_like(blocks), where=exact != 0)
    return FourBits((np.round(steps).clip(-8, 7) + 8).astype(np.uint8), scales)


def int8_rows(matrix: Floats, largest: int) -> tuple[NDArray[np.int8], Floats]:
    """Integers from -largest to largest and a scale for each row, float32 (rows,)."""
    scales = (np.abs(matrix).max(axis=1) / largest).astype(np.float32)
    safe = np.where(scales > _NOTHING, scales, np.float32(1))
    return np.round(matrix / safe[:, None]).astype(np.int8), scales
