"""`rejects.jsonl`: the rows that were not taken, each with what is wrong and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import orjson

from openaisle.catalog.problems import Problem
from openaisle.errors import StorageError

_EXCERPT = 200
_VALUES = 50


class RejectsWriter:
    """Writes one JSON object a rejected row; the file is made with the first of them. A context manager.

    Without a path it only counts.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self.count = 0

    def __enter__(self) -> RejectsWriter:
        if self._path is not None:
            try:
                self._path.unlink(missing_ok=True)  # the last run's rejects say nothing of this one
            except OSError as error:
                raise _unwritable(self._path, error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def path(self) -> Path | None:
        """The file, once there is one."""
        return self._path if self._file is not None else None

    def write(self, row: int, id_: str | None, problems: Sequence[Problem], values: object) -> None:
        """Note a row with its problems; the first stands in the main keys, others under `also`."""
        self.count += 1
        if self._path is None:
            return
        first, *others = problems
        line: dict[str, Any] = {"row": row, "id": id_, **_told(first)}
        if others:
            line["also"] = [_told(problem) for problem in others]
        line["values"] = _shown(values)
        self._append(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

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


def _unwritable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"The rejects cannot be written to {path} ({error.strerror}).", "Make room on the disk and the folder writable."
    )


def _told(problem: Problem) -> dict[str, str]:
    return {"field": problem.field, "reason": _clean(problem.reason), "mend": problem.mend}


def _shown(values: object) -> object:
    """The row, each value cut short."""
    if isinstance(values, Mapping):
        return {_clean(str(name))[:_EXCERPT]: _short(value) for name, value in list(values.items())[:_VALUES]}
    return _short(values)


def _short(value: object) -> str:
    text = _clean(value if isinstance(value, str) else str(value))
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
