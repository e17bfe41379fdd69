"""Generations of an index: folders of which one is live, named in CURRENT."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from openaisle.engines.embedded.arrays import corrupt
from openaisle.engines.embedded.manifest import CURRENT, MANIFEST, Manifest, replace_file
from openaisle.errors import IndexCorrupt, StorageError

_KEPT = 1
"""Generations kept behind the live one, for readers that are still on it."""
KEEP = "KEEP"
"""Names generations that stay, whatever else is removed: those to go back to."""
LAST = "LAST"
"""The highest number that a generation was ever given."""


class Generations:
    """The folder that holds them all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def current(self) -> Path | None:
        """The live generation; None before the first was published."""
        try:
            name = (self.folder / CURRENT).read_bytes().strip()
        except FileNotFoundError:
            return None
        except PermissionError as error:
            raise StorageError(
                f"The index in {self.folder} cannot be read: {error.strerror}.", "Make it readable for this user."
            ) from error
        except OSError as error:
            raise corrupt(self.folder / CURRENT, error.strerror or str(error)) from error
        if not name.isdigit():
            raise corrupt(self.folder / CURRENT, "it does not name a generation")
        return self.folder / name.decode()

    def create(self) -> Path:
        """A new folder, beside the live one and not yet seen by readers.

        Its number was never that of another: readers tell generations apart by it, and some are gone back from.
        """
        number = max([self._last(), *(int(path.name) for path in self._all())]) + 1
        generation = self.folder / f"{number:06}"
        generation.mkdir(parents=True)
        replace_file(self.folder / LAST, f"{number}\n".encode())
        return generation

    def _last(self) -> int:
        try:
            return int((self.folder / LAST).read_bytes())
        except (OSError, ValueError):
            return 0

    def discard_unfinished(self) -> None:
        """Remove what crashed writers left: generations newer than the live one, and older ones that a writer had no
        time to remove. Only the holder of the lock may."""
        try:
            live = self.current()
        except IndexCorrupt:
            return  # any of them may be the one that was live
        self._remove_all_but(live)

    def publish(self, generation: Path) -> None:
        """Make a generation live, and remove those that are neither live, nor the one before, nor to be kept."""
        replace_file(self.folder / CURRENT, f"{generation.name}\n".encode())
        self._remove_all_but(generation)

    def _remove_all_but(self, live: Path | None) -> None:
        name = "" if live is None else live.name
        older = [path for path in self._all() if path.name < name and (path / MANIFEST).exists()]
        staying = {name, *self.kept(), *(path.name for path in older[len(older) - _KEPT :])}
        for path in self._all():
            if path.name not in staying:
                shutil.rmtree(path, ignore_errors=True)

    def kept(self) -> tuple[str, ...]:
        """The generations that stay until another is kept instead."""
        try:
            names = (self.folder / KEEP).read_bytes().decode("ascii").split()
        except (OSError, UnicodeDecodeError):
            return ()
        return tuple(name for name in names if name.isdigit())

    def keep(self, names: Iterable[str]) -> None:
        """Let these generations stay, and no others."""
        replace_file(self.folder / KEEP, "".join(f"{name}\n" for name in names).encode())

    def _all(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.is_dir() and path.name.isdigit())


def remove_unreferenced(generation: Path, manifest: Manifest) -> None:
    """Delete segment folders and replaced files that no commit names any more. Open readers keep their maps."""
    states = {state.name: state for state in manifest.segments}
    for folder in generation.iterdir():
        if not folder.is_dir():
            continue
        state = states.get(folder.name)
        if state is None:
            shutil.rmtree(folder, ignore_errors=True)
            continue
        live = {state.deleted} | {place.rsplit("/", 1)[0] for place in state.columns.values()}
        for pattern in ("deleted-*", "columns*"):
            for file in folder.glob(pattern):
                if file.name not in live:
                    with suppress(OSError):  # the commit stands; the next one tries again
                        file.unlink()
