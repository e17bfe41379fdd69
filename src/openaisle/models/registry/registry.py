"""The folder of a shop's own models: `NAME/VERSION/`, versions 1, 2, 3 and so on."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from openaisle.errors import ModelNotFound, ShopLocked
from openaisle.models.registry.card import write_card
from openaisle.models.registry.disk import replace_file, storage_faults, sync, sync_tree
from openaisle.models.registry.lineage import read_lineage
from openaisle.models.registry.reference import NAME, Reference
from openaisle.models.registry.sums import refuse_code, write_sums
from openaisle.models.registry.version import CARD, Version, require_whole

RUNS = "runs"
_STAGED = ".staged-"
_DELETED = ".deleted-"
_LAST = ".last"
_PATIENCE = 60.0
"""Seconds that one who writes a version waits for another who does."""


class Registry:
    """Reads need no lock: a version's folder appears by one rename and never changes afterwards."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Every model that has a version, in alphabetical order."""
        if not self.folder.is_dir():
            return []
        named = [path.name for path in self.folder.iterdir() if path.is_dir() and re.fullmatch(NAME, path.name)]
        return sorted(name for name in named if self._numbers(name))

    def versions(self, name: str) -> list[Version]:
        """The versions of a model, oldest first; none for a name that is not known."""
        return [self._version(name, number) for number in self._numbers(Reference.parse(name).name)]

    def latest(self, name: str) -> Version | None:
        """What a training of this name goes on from; None before the first."""
        versions = self.versions(name)
        return versions[-1] if versions else None

    def get(self, reference: str) -> Version:
        """The version called `NAME@VERSION` or, by `NAME`, the latest. Raises `ModelNotFound`."""
        asked = Reference.parse(reference)
        numbers = self._numbers(asked.name)
        if not numbers:
            known = ", ".join(self.names())
            mend = f"There are: {known}." if known else "Train one with: openaisle train SHOP RECIPE.toml"
            raise ModelNotFound(f"There is no model called {asked.name}.", mend)
        if asked.version is not None and asked.version not in numbers:
            there = ", ".join(map(str, numbers))
            raise ModelNotFound(f"{asked.name} has no version {asked.version}.", f"There are: {there}.")
        return self._version(asked.name, asked.version or numbers[-1])

    def next_version(self, name: str) -> int:
        """The number that the next version will have; inside `stage`, that of the version being written."""
        return max([self._last(name), *self._numbers(name)]) + 1

    def runs(self, name: str) -> Path:
        """Where unfinished trainings of a model keep their checkpoints."""
        return self.folder / Reference.parse(name).name / RUNS

    @contextmanager
    def stage(self, name: str) -> Iterator[Path]:
        """A temporary folder that becomes the model's next version, in one step, when the block ends without an error.

        The block writes at least lineage.json and what the task needs (for an encoder or reranker model.onnx,
        tokenizer.json and manifest.json); a missing card.md is generated, SHA256SUMS always. `next_version` tells the
        number meanwhile. Raises `ModelError` when the folder is incomplete, foreign or holds pickles, `StorageError`
        when the disk refuses; then no version appears.
        """
        home = self.folder / Reference.parse(name).name
        with storage_faults("Making a version of the model"), self._locked(name):
            _sweep(home)
            number = self.next_version(name)
            staged = home / f"{_STAGED}{number}"
            staged.mkdir()
            try:
                yield staged
                _complete(staged, name, number)
                staged.rename(home / str(number))
                sync(home)
            except BaseException:
                shutil.rmtree(staged, ignore_errors=True)
                raise

    def delete(self, reference: str) -> Version:
        """Remove a version, named with its number or alone as the latest. Whether it is in use is for others to know.
        Raises `ModelNotFound`, `StorageError`."""
        version = self.get(reference)
        home = version.folder.parent
        with storage_faults(f"Deleting {version.reference}"), self._locked(version.name):
            replace_file(home / _LAST, str(self.next_version(version.name) - 1).encode())
            version.folder.rename(home / f"{_DELETED}{version.number}")
            sync(home)
            _sweep(home)
        return version

    def _version(self, name: str, number: int) -> Version:
        return Version(name, number, self.folder / name / str(number))

    def _numbers(self, name: str) -> list[int]:
        home = self.folder / name
        if not home.is_dir():
            return []
        return sorted(int(path.name) for path in home.iterdir() if path.name.isdecimal() and path.is_dir())

    def _last(self, name: str) -> int:
        """The highest number ever given, as far as a deletion had to note it."""
        try:
            return int((self.folder / name / _LAST).read_bytes())
        except (FileNotFoundError, ValueError):
            return 0

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        home = self.folder / name
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / ".lock")
        try:
            lock.acquire(timeout=_PATIENCE)
        except Timeout:
            raise ShopLocked(
                f"Another process is writing a version of {name}.", "Wait until it is done, then try again."
            ) from None
        try:
            yield
        finally:
            lock.release()


def _complete(staged: Path, name: str, number: int) -> None:
    """Check what was written, add what is generated, and bring it all to the disk."""
    refuse_code(staged)
    lineage = read_lineage(staged)
    require_whole(staged, lineage)
    if not (staged / CARD).exists():
        write_card(staged, f"{name}@{number}", lineage)
    write_sums(staged)
    sync_tree(staged)


def _sweep(home: Path) -> None:
    """Remove what a process that died left half-written or half-deleted; only the holder of the lock may."""
    for path in home.iterdir():
        if path.name.startswith((_STAGED, _DELETED)):
            shutil.rmtree(path, ignore_errors=True)
