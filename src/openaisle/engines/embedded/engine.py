"""The embedded engine: opens a folder, follows its commits, hands out snapshots and writers."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from openaisle.engines.embedded.build import Schema
from openaisle.engines.embedded.faults import storage_faults
from openaisle.engines.embedded.generations import Generations
from openaisle.engines.embedded.lock import WriterLock
from openaisle.engines.embedded.manifest import CURRENT, MANIFEST, Manifest, read_manifest
from openaisle.engines.embedded.postings import FieldWeight
from openaisle.engines.embedded.segment import Segment
from openaisle.engines.embedded.snapshot import EmbeddedSnapshot
from openaisle.engines.embedded.writer import EmbeddedWriter
from openaisle.engines.protocol import BuiltWith, VectorNumbers
from openaisle.errors import IndexCorrupt, IndexMismatch

_OPENING_ATTEMPTS = 50


Stamp = tuple[tuple[int, int, int], tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class _Opened:
    """A snapshot and what tells whether it is still the live one."""

    generation: Path
    stamp: Stamp
    manifest: Manifest
    segments: Mapping[str, Segment]
    snapshot: EmbeddedSnapshot


class EmbeddedEngine:
    """One folder; safe for many threads and processes that read, and one that writes.

    `fields` are the searchable fields with their weights; a term's weight is computed when it is written, so changed
    weights take effect with the next generation (`BuiltWith.schema` should tell them apart).
    """

    def __init__(self, folder: Path, fields: Mapping[str, FieldWeight]) -> None:
        self._generations = Generations(folder)
        self._fields = fields
        self._reloading = threading.Lock()
        self._opened: _Opened | None = None
        _make_folder(folder)

    @property
    def built_with(self) -> BuiltWith:
        return self._current().manifest.built_with

    @property
    def sequence(self) -> int:
        return self._current().manifest.sequence

    @property
    def generation(self) -> str:
        return self._current().generation.name

    def exists(self) -> bool:
        return self._generations.current() is not None

    def snapshot(self) -> EmbeddedSnapshot:
        return self._current().snapshot

    def writer(self, patience: float = 0.0) -> EmbeddedWriter:
        """Continue the live generation, waiting at most `patience` seconds for another writer to finish."""
        lock = self._locked(patience)
        try:
            opened = self._current()
            schema = Schema(self._fields, opened.manifest.dimensions, opened.manifest.numbers)
            return EmbeddedWriter(opened.generation, opened.manifest, schema, lock, lambda: None)
        except BaseException:
            lock.release()
            raise

    def rebuild(
        self, built_with: BuiltWith, dimensions: int, patience: float = 0.0, numbers: VectorNumbers = "float32"
    ) -> EmbeddedWriter:
        lock = self._locked(patience)
        try:
            with storage_faults("Beginning a new index"):
                generation = self._generations.create()
            schema = Schema(self._fields, dimensions, numbers)
            return EmbeddedWriter(
                generation,
                Manifest(built_with, dimensions, numbers),
                schema,
                lock,
                lambda: self._generations.publish(generation),
            )
        except BaseException:
            lock.release()
            raise

    def keep(self, generations: Iterable[str]) -> tuple[str, ...]:
        """Let these generations stay when newer ones come, and no others; returns those that stayed so far."""
        kept = self._generations.kept()
        with storage_faults("Noting which index to keep"):
            self._generations.keep(generations)
        return kept

    def earlier(self, generation: str) -> EarlierGeneration:
        """A generation that is not live, to go back to. Raises `IndexCorrupt` when it is not there any more."""
        return EarlierGeneration(self, self._generations.folder / generation)

    def revive(self, generation: Path, patience: float) -> EmbeddedWriter:
        """A writer that continues a generation and, with its first commit, makes it live."""
        lock = self._locked(patience)
        try:
            manifest = read_manifest(generation)
            schema = Schema(self._fields, manifest.dimensions, manifest.numbers)
            return EmbeddedWriter(generation, manifest, schema, lock, lambda: self._generations.publish(generation))
        except BaseException:
            lock.release()
            raise

    def _locked(self, patience: float) -> WriterLock:
        lock = WriterLock(self._generations.folder)
        lock.acquire(patience)
        self._generations.discard_unfinished()
        return lock

    def _current(self) -> _Opened:
        try:
            return self._live()
        except (IndexCorrupt, IndexMismatch) as error:  # what read the files does not know whose they are
            raise type(error)(error.detail, error.mend.replace("SHOP", str(self._generations.folder.parent))) from error

    def _live(self) -> _Opened:
        opened = self._opened
        if opened is not None and opened.stamp == self._stamp(opened.generation):
            return opened
        if self._generations.current() is None:
            raise IndexCorrupt("There is no index yet.", "Run: openaisle reindex SHOP")
        with self._reloading:
            self._opened = self._open(self._opened)
            return self._opened

    def _stamp(self, generation: Path) -> Stamp:
        """What names the live generation and what it consists of: two calls to the system, several times a search."""
        return _state(f"{self._generations.folder}/{CURRENT}"), _state(f"{generation}/{MANIFEST}")

    def _open(self, previous: _Opened | None) -> _Opened:
        """Files may vanish between reading a manifest and opening them when a writer commits just then: read again."""
        for _ in range(_OPENING_ATTEMPTS):
            named = _state(f"{self._generations.folder}/{CURRENT}")  # before its name is read: never newer than it
            generation = self._generations.current()
            if generation is None:
                break
            stamp = named, _state(f"{generation}/{MANIFEST}")
            try:
                return _open_generation(generation, stamp, previous)
            except IndexCorrupt:
                if self._generations.current() == generation and self._stamp(generation) == stamp:
                    raise
        raise IndexCorrupt("The index changes faster than it can be opened.", "Try again.")


class EarlierGeneration:
    """An engine of which one earlier generation is seen; to write to it is to make it live."""

    def __init__(self, engine: EmbeddedEngine, folder: Path) -> None:
        self._engine = engine
        self._opened = _open_generation(folder, (_state(""), _state("")), None)

    @property
    def built_with(self) -> BuiltWith:
        return self._opened.manifest.built_with

    @property
    def sequence(self) -> int:
        return self._opened.manifest.sequence

    @property
    def generation(self) -> str:
        return self._opened.generation.name

    def exists(self) -> bool:
        return True

    def snapshot(self) -> EmbeddedSnapshot:
        return self._opened.snapshot

    def writer(self, patience: float = 0.0) -> EmbeddedWriter:
        return self._engine.revive(self._opened.generation, patience)

    def rebuild(
        self, built_with: BuiltWith, dimensions: int, patience: float = 0.0, numbers: VectorNumbers = "float32"
    ) -> EmbeddedWriter:
        return self._engine.rebuild(built_with, dimensions, patience, numbers)


def _open_generation(generation: Path, stamp: Stamp, previous: _Opened | None) -> _Opened:
    manifest = read_manifest(generation)
    known = previous.segments if previous is not None and previous.generation == generation else {}
    segments = {
        state.name: segment
        if (segment := known.get(state.name)) is not None and segment.state == state
        else Segment.open(generation, state, segment)
        for state in manifest.segments
    }
    return _Opened(generation, stamp, manifest, segments, EmbeddedSnapshot(list(segments.values())))


def _state(path: str) -> tuple[int, int, int]:
    """Tells one version of a file from another: every version is written anew and renamed into place."""
    try:
        status = os.stat(path)  # noqa: PTH116 - building a Path costs more than the call
    except OSError:
        return (0, 0, 0)
    return status.st_mtime_ns, status.st_ino, status.st_size


def _make_folder(folder: Path) -> None:
    with storage_faults("Making the index folder"):
        folder.mkdir(parents=True, exist_ok=True)
