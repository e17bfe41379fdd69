"""history.json: every change of a shop's models, one JSON object a line, and what of it was begun but not ended."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from openaisle.errors import StorageError
from openaisle.models.registry.disk import append_line, storage_faults

FILE = "history.json"
_MAX_BYTES = 64 << 20


class Kind(StrEnum):
    """How a model came to be used: promoted (or named in a reindex), or gone back to."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"


class State(StrEnum):
    BEGUN = "begun"
    DONE = "done"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Change:
    """One step in a change of models: `before` and `after` are what the settings call them.

    `kept` is the index generation that answered before, and which a promotion keeps (empty where there is none);
    `generation` the one that the new model answers from (empty while it is not known).
    """

    kind: Kind
    state: State
    slot: str
    before: str
    after: str
    at: datetime
    kept: str = ""
    generation: str = ""

    def as_dict(self) -> dict[str, Any]:
        told = asdict(self)
        return {**told, "at": self.at.isoformat(timespec="seconds")}


_SCHEMA = TypeAdapter(Change)


class History:
    """Reads what is whole and passes over what a crash cut short; writes only at the end."""

    def __init__(self, folder: Path) -> None:
        self._file = str(folder / FILE)

    def changes(self) -> list[Change]:
        """Every step, oldest first."""
        try:
            with Path(self._file).open("rb") as file:
                lines = file.read(_MAX_BYTES).splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise StorageError(
                f"{self._file} cannot be read: {error.strerror}.", "Make it readable for this user."
            ) from error
        found = []
        for line in lines:
            try:
                found.append(_SCHEMA.validate_json(line))
            except ValidationError:
                continue
        return found

    def stamp(self) -> tuple[int, int]:
        """Differs once anything was noted; asked on every search, so it is one call to the system."""
        try:
            status = os.stat(self._file)  # noqa: PTH116 - the Path's own method costs more than the call
        except OSError:
            return (0, 0)
        return status.st_mtime_ns, status.st_size

    def open_change(self) -> Change | None:
        """The change that was begun last and not ended: it is under way, or its process died."""
        changes = self.changes()
        return changes[-1] if changes and changes[-1].state is State.BEGUN else None

    def ways_back(self) -> list[Change]:
        """The promotions that no rollback undid, oldest first: the last one is what a rollback undoes next."""
        stack: list[Change] = []
        for change in self.changes():
            if change.state is not State.DONE:
                continue
            if change.kind is Kind.PROMOTE:
                stack.append(change)
            elif stack:
                stack.pop()
        return stack

    def begin(self, change: Change) -> None:
        self._write(change)

    def end(self, begun: Change, state: State, generation: str = "") -> Change:
        ended = replace(begun, state=state, at=datetime.now(UTC), generation=generation or begun.generation)
        self._write(ended)
        return ended

    def _write(self, change: Change) -> None:
        with storage_faults("Noting the change of models"):
            file = Path(self._file)
            file.parent.mkdir(parents=True, exist_ok=True)
            append_line(file, orjson.dumps(change.as_dict()))
