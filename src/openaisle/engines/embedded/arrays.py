"""A file of named arrays: a JSON header and 64-byte aligned raw data, written once, read through one memory map."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.errors import IndexCorrupt

Arrays = Mapping[str, NDArray[Any]]

_MAGIC = b"OAARRAY1"
_ALIGNMENT = 64
_SMALL = 4096
"""Bytes below which copying is as good as a view (and empty arrays have no view)."""
_PREFIX = len(_MAGIC) + 8  # magic, header length and header checksum as two little-endian uint32
_DTYPES = frozenset(
    {"bool", "uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "float16", "float32", "float64"}
)


def write_arrays(path: Path, arrays: Arrays) -> None:
    """Write and flush to disk; the file appears under its name only when it is whole."""
    header, blocks = _layout(arrays)
    temporary = path.with_name(f"{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(_MAGIC + len(header).to_bytes(4, "little") + zlib.crc32(header).to_bytes(4, "little") + header)
        for offset, array in blocks:
            file.write(b"\0" * (offset - file.tell()))
            file.write(array.tobytes() if array.nbytes < _SMALL else array.data.cast("B"))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def sync_file(path: Path) -> None:
    """Make what another library wrote survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read-only views on the memory-mapped file. Raises `IndexCorrupt` when it is missing, cut short or foreign."""
    try:
        data = np.memmap(path, dtype=np.uint8, mode="r")
    except (OSError, ValueError) as error:
        raise corrupt(path, str(error)) from error
    header = _header(path, data)
    arrays = {}
    for name, (dtype, shape, offset, size) in header.items():
        if dtype not in _DTYPES or offset + size > len(data):
            raise corrupt(path, f"array {name!r} lies outside the file")
        # a plain ndarray view: np.memmap's own indexing costs microseconds a call
        arrays[name] = np.asarray(data[offset : offset + size]).view(np.ndarray).view(dtype).reshape(shape)
    return arrays


def _layout(arrays: Arrays) -> tuple[bytes, list[tuple[int, NDArray[Any]]]]:
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    header = b""
    start = _PREFIX
    while True:  # offsets are part of the header, whose length moves them: settle in a round or two
        offset, entries, blocks = _aligned(start + len(header)), {}, []
        for name, array in contiguous.items():
            entries[name] = (array.dtype.name, array.shape, offset, array.nbytes)
            blocks.append((offset, array))
            offset = _aligned(offset + array.nbytes)
        encoded = json.dumps(entries, separators=(",", ":")).encode()
        if len(encoded) <= len(header):
            return encoded.ljust(len(header)), blocks
        header = encoded


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGNMENT) * _ALIGNMENT


def _header(path: Path, data: NDArray[np.uint8]) -> dict[str, tuple[str, list[int], int, int]]:
    prefix = bytes(data[:_PREFIX])
    length = int.from_bytes(prefix[8:12], "little")
    header = bytes(data[_PREFIX : _PREFIX + length])
    if prefix[:8] != _MAGIC or zlib.crc32(header) != int.from_bytes(prefix[12:16], "little"):
        raise corrupt(path, "its header is damaged")
    entries: dict[str, tuple[str, list[int], int, int]] = json.loads(header)
    return entries


def corrupt(path: Path, reason: str) -> IndexCorrupt:
    """The error that a file of the index is missing or damaged."""
    return IndexCorrupt(f"{path.parent.name}/{path.name} cannot be used: {reason}.", "Run: openaisle reindex SHOP")
