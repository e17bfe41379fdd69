"""A file of the lines that did not become events, each with what is wrong and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import orjson

from openaisle.errors import StorageError
from openaisle.events.problems import Problem

_EXCERPT = 2000


class Rejects:
    """Writes one JSON object a line that was refused; the file is made with the first. A context manager.

    Without a path it only counts.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self.count = 0

    def __enter__(self) -> Rejects:
        if self._path is not None:
            try:
                self._path.unlink(missing_ok=True)  # the last run's rejects say nothing of this one
            except OSError as error:
                raise _unwritable(self._path, error) from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def path(self) -> Path | None:
        """The file, once there is one."""
        return self._path if self._file is not None else None

    def write(self, line: int, problem: Problem, text: bytes | None) -> None:
        """Note a line with its problem and, cut short, its text; None for one that was too long to be read."""
        self.count += 1
        if self._path is None:
            return
        told = {"line": line, "field": problem.field, "reason": problem.reason, "mend": problem.mend}
        shown = (text or b"")[:_EXCERPT].decode("utf-8", "replace")
        clean = {key: _clean(value) if isinstance(value, str) else value for key, value in told.items()}
        self._append(orjson.dumps({**clean, "text": shown}, option=orjson.OPT_APPEND_NEWLINE))

    def flush(self) -> None:
        """Let others read what was written so far."""
        if self._file is not None:
            self._file.flush()

    def _append(self, line: bytes) -> None:
        assert self._path is not None
        try:
            if self._file is None:
                self._file = self._path.open("wb")
            self._file.write(line)
        except OSError as error:
            raise _unwritable(self._path, error) from error


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _unwritable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"The rejects cannot be written to {path} ({error.strerror}).", "Make room on the disk and the folder writable."
    )
