"""How an ingest goes and how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from openaisle.catalog.mapping import Explained
from openaisle.catalog.problems import Problem


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """State after a committed batch: everything counted in `accepted` and `unchanged` is safely in the store.

    Bytes are those of the file as it lies on disk, packed or not.
    """

    rows: int
    accepted: int
    unchanged: int
    rejected: int
    bytes_read: int
    bytes_total: int
    seconds: float

    @property
    def eta_seconds(self) -> float | None:
        """Seconds to go at the pace so far; None before anything was read."""
        if not self.bytes_read:
            return None
        return self.seconds * max(self.bytes_total - self.bytes_read, 0) / self.bytes_read


@dataclass(frozen=True, slots=True)
class FeedWarning:
    """Something doubtful that rows were taken with: how often, and where first (row 0 speaks of the whole feed)."""

    field: str
    count: int
    first_row: int
    reason: str
    mend: str


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What became of a feed. Of a dry run `accepted` are the rows that would be taken, changed or not."""

    format: str
    mapping: tuple[Explained, ...]
    accepted: int
    unchanged: int
    rejected: int
    retired: int
    rejects: Path | None
    seconds: float
    warnings: tuple[FeedWarning, ...]


class WarningLog:
    """Counts warnings by field and remedy, so that a million of one kind take one line."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], tuple[int, str]] = {}
        self._counts: dict[tuple[str, str], int] = {}

    def note(self, row: int, problems: Iterable[Problem]) -> None:
        for problem in problems:
            kind = (problem.field, problem.mend)
            self._first.setdefault(kind, (row, problem.reason))
            self._counts[kind] = self._counts.get(kind, 0) + 1

    def told(self) -> tuple[FeedWarning, ...]:
        """One warning a kind, in the order they first came."""
        return tuple(
            FeedWarning(field, self._counts[field, mend], row, reason, mend)
            for (field, mend), (row, reason) in self._first.items()
        )
