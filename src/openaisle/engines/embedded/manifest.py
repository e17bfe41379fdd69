"""What a generation consists of, in one small file that is replaced atomically with every commit."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from openaisle.engines.embedded.arrays import sync_file
from openaisle.engines.embedded.segment import SegmentState
from openaisle.engines.protocol import BuiltWith, VectorNumbers
from openaisle.errors import IndexCorrupt, IndexMismatch

FORMAT = 2
MANIFEST, CURRENT = "manifest.json", "CURRENT"


@dataclass(frozen=True, slots=True)
class Manifest:
    """`commit` counts up; `sequence` is the catalogue change included; `averages` the mean terms per field by which
    lengths are normalised in every segment."""

    built_with: BuiltWith
    dimensions: int
    numbers: VectorNumbers = "float32"
    commit: int = 0
    sequence: int = 0
    averages: Mapping[str, float] = field(default_factory=dict)
    segments: tuple[SegmentState, ...] = ()

    def next(self, **changes: Any) -> Manifest:
        return replace(self, commit=self.commit + 1, **changes)


def read_manifest(generation: Path) -> Manifest:
    path = generation / MANIFEST
    try:
        data = orjson.loads(path.read_bytes())
        if data["format"] != FORMAT:
            raise IndexMismatch(
                f"Index {generation.name} has format {data['format']}; this version reads format {FORMAT}.", _REINDEX
            )
        return _manifest(data)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise IndexCorrupt(f"The manifest of index {generation.name} cannot be read: {error}.", _REINDEX) from error


def _manifest(data: dict[str, Any]) -> Manifest:
    return Manifest(
        built_with=BuiltWith(**{**data["built_with"], "lexicon": tuple(data["built_with"]["lexicon"])}),
        dimensions=data["dimensions"],
        numbers=data.get("numbers", "float32"),  # an index of before there was a choice
        commit=data["commit"],
        sequence=data["sequence"],
        averages=data["averages"],
        segments=tuple(SegmentState(**segment) for segment in data["segments"]),
    )


def write_manifest(generation: Path, manifest: Manifest) -> None:
    replace_file(
        generation / MANIFEST, orjson.dumps({"format": FORMAT, **asdict(manifest)}, option=orjson.OPT_INDENT_2)
    )


def replace_file(path: Path, content: bytes) -> None:
    """All of the new content or all of the old, whatever happens."""
    temporary = path.with_name(f"{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut."""
    sync_file(folder)


_REINDEX = "Run: openaisle reindex SHOP"
