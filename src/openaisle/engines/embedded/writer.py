"""The writer of the embedded engine: buffers, flushes segments, and commits by replacing one file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from openaisle.engines.embedded.arrays import write_arrays
from openaisle.engines.embedded.build import Schema, SegmentBuilder
from openaisle.engines.embedded.columns import Column, differing, patched, write_columns
from openaisle.engines.embedded.faults import storage_faults
from openaisle.engines.embedded.generations import remove_unreferenced
from openaisle.engines.embedded.lock import WriterLock
from openaisle.engines.embedded.manifest import Manifest, sync_folder, write_manifest
from openaisle.engines.embedded.merge import merge
from openaisle.engines.embedded.segment import Segment, SegmentState
from openaisle.engines.embedded.vectors import write_dense_index
from openaisle.engines.protocol import Document, Value

_FLUSH_DOCUMENTS = 50_000
_FLUSH_TERMS = 4_000_000
_MERGE_FACTOR = 3
"""A segment is merged with all younger ones once they hold a third as many rows."""
_MOSTLY_DELETED = 0.4
_WRITING = "Writing the index"


class EmbeddedWriter:
    """Changes gather in memory and in unnamed segments until `commit` writes the manifest that names them."""

    def __init__(
        self, generation: Path, manifest: Manifest, schema: Schema, lock: WriterLock, published: Callable[[], None]
    ) -> None:
        self._generation = generation
        self._manifest = manifest
        self._schema = schema
        self._lock = lock
        self._published = published
        self._averages = dict(manifest.averages)
        self._states = list(manifest.segments)
        self._segments = [Segment.open(generation, state) for state in self._states]
        self._deleted: dict[str, set[int]] = {}
        self._patches: dict[str, dict[str, dict[int, Value | None]]] = {}
        self._buffer = SegmentBuilder(schema)
        self._names = _names_after(generation)

    def upsert(self, document: Document) -> None:
        """Raises `StorageError` when the disk refuses."""
        self._delete_written(document.id)
        self._buffer.add(document)
        if len(self._buffer) >= _FLUSH_DOCUMENTS or self._buffer.terms >= _FLUSH_TERMS:
            with storage_faults(_WRITING):
                self._flush()

    def patch(self, id: str, values: Mapping[str, Value | None]) -> bool:
        if id in self._buffer:
            self._buffer.patch(id, values)
            return True
        found = self._written(id)
        if found is None:
            return False
        segment, row = found
        fields = self._patches.setdefault(segment.state.name, {})
        for field, value in values.items():
            fields.setdefault(field, {})[row] = value
        return True

    def delete(self, id: str) -> bool:
        buffered = self._buffer.discard(id)
        return self._delete_written(id) or buffered

    def commit(self, sequence: int) -> None:
        """Raises `StorageError` when the disk refuses; the live index is then as it was before."""
        with storage_faults(_WRITING):
            self._commit(sequence)
        remove_unreferenced(self._generation, self._manifest)

    def _commit(self, sequence: int) -> None:
        self._flush()
        self._apply_patches()
        self._apply_deletions()
        self._merge()
        for state in self._states:
            if state not in self._manifest.segments:  # the others are on disk as they are
                write_dense_index(self._generation / state.name)
                sync_folder(self._generation / state.name)
        sync_folder(self._generation)
        self._manifest = self._manifest.next(sequence=sequence, averages=self._averages, segments=tuple(self._states))
        write_manifest(self._generation, self._manifest)
        self._published()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    def _written(self, id: str) -> tuple[Segment, int] | None:
        for segment in self._segments:
            row = segment.row(id)
            if row >= 0 and row not in self._deleted.get(segment.state.name, ()):
                return segment, row
        return None

    def _delete_written(self, id: str) -> bool:
        found = self._written(id)
        if found is None:
            return False
        segment, row = found
        self._deleted.setdefault(segment.state.name, set()).add(row)
        return True

    def _flush(self) -> None:
        if len(self._buffer) == 0:
            return
        self._averages = self._averages or self._buffer.averages()
        self._add(self._buffer.write(self._generation, next(self._names), self._averages))
        self._buffer = SegmentBuilder(self._schema)

    def _add(self, state: SegmentState) -> None:
        self._states.append(state)
        self._segments.append(Segment.open(self._generation, state))

    def _replace(self, place: int, state: SegmentState) -> None:
        self._states[place] = state
        self._segments[place] = Segment.open(self._generation, state, self._segments[place])

    def _apply_patches(self) -> None:
        commit = self._manifest.commit + 1
        for place, segment in enumerate(self._segments):
            columns = _patched_columns(segment, self._patches.get(segment.state.name, {}))
            if not columns:
                continue
            places = write_columns(self._generation / segment.state.name, f"columns-{commit:08}.arrays", columns)
            self._replace(place, replace(segment.state, columns={**segment.state.columns, **places}))
        self._patches = {}

    def _apply_deletions(self) -> None:
        commit = self._manifest.commit + 1
        for place, segment in enumerate(self._segments):
            rows = self._deleted.get(segment.state.name)
            if not rows:
                continue
            newly = np.zeros(segment.rows, bool)
            newly[list(rows)] = True
            dead = segment.postings.frequencies_in(newly)
            deletions = {
                "deleted": newly if segment.alive is None else newly | ~segment.alive,
                "dead": dead if segment.dead is None else dead + segment.dead,
            }
            file = f"deleted-{commit:08}.arrays"
            write_arrays(self._generation / segment.state.name / file, deletions)
            self._replace(place, replace(segment.state, deleted=file))
        self._deleted = {}

    def _merge(self) -> None:
        for place in reversed(range(len(self._segments))):
            segment = self._segments[place]
            if segment.living < segment.rows * (1 - _MOSTLY_DELETED):
                self._merge_from(place, place + 1)
        living = [segment.living for segment in self._segments]
        for place in range(len(living) - 1):
            if living[place] <= _MERGE_FACTOR * sum(living[place + 1 :]):
                self._merge_from(place, len(living))
                break

    def _merge_from(self, start: int, end: int) -> None:
        merged: Sequence[Segment] = self._segments[start:end]
        self._states[start:end], self._segments[start:end] = [], []
        if any(segment.living for segment in merged):
            state = merge(merged, self._generation, next(self._names), self._schema)
            self._states.insert(start, state)
            self._segments.insert(start, Segment.open(self._generation, state))


def _patched_columns(segment: Segment, fields: Mapping[str, Mapping[int, Value | None]]) -> dict[str, Column]:
    changed = {field: differing(segment.columns.get(field), changes) for field, changes in fields.items()}
    return {f: patched(segment.columns.get(f), rows, segment.rows) for f, rows in changed.items() if rows}


def _names_after(generation: Path) -> Iterator[str]:
    """Segment names that no segment of the generation ever had, an abandoned one included."""
    taken = [int(path.name) for path in generation.iterdir() if path.is_dir() and path.name.isdigit()]
    return (f"{number:06}" for number in count(max(taken, default=0) + 1))
