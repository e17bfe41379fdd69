"""The writer's lock: one process writes to an index at a time, and a refusal names who does."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock, Timeout

from openaisle.engines.embedded.faults import storage_faults
from openaisle.errors import ShopLocked

LOCK, HOLDER = "LOCK", "LOCK.holder"


class WriterLock:
    """Released by the system when its process dies, so a crash never leaves an index locked."""

    def __init__(self, folder: Path) -> None:
        self._lock = FileLock(folder / LOCK)
        self._holder = folder / HOLDER

    def acquire(self, patience: float = 0.0) -> None:
        """Wait for `patience` seconds at most, then raise `ShopLocked`."""
        with storage_faults("Locking the index to write to it"):
            try:
                self._lock.acquire(timeout=patience)
            except Timeout as error:
                raise ShopLocked(
                    f"{self._described()} is writing to this index.",
                    "Wait until it is done, or stop it, then try again.",
                ) from error
            try:
                self._holder.write_text(str(os.getpid()))
            except OSError:
                self._lock.release()
                raise

    def release(self) -> None:
        self._lock.release()

    def _described(self) -> str:
        try:
            return f"Process {int(self._holder.read_text())}"
        except (OSError, ValueError):
            return "Another process"
