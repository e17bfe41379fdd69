"""Moments as the store keeps them: SQLite forgets the zone, so everything is written and read as UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)


def in_utc(moment: datetime | None) -> datetime | None:
    """A moment read from the store, with its zone."""
    return None if moment is None else moment_in_utc(moment)


def moment_in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
