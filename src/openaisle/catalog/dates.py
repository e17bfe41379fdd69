"""Moments from ISO 8601, common variations of it, and Unix time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from openaisle.catalog.problems import Doubt

_LATEST_SECONDS = 1e11
"""Unix times beyond this are taken as milliseconds."""


def parse_moment(value: Any) -> datetime | Doubt:
    """The moment, in UTC where no offset is stated; what cannot be read is dropped."""
    try:
        return _moment(value)
    except (ValueError, OverflowError, OSError):
        return Doubt(None, f"{str(value)[:40]!r} is not a date and was dropped", "Write dates as 2025-01-31T12:00:00Z.")


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return _with_zone(value)
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value / 1000 if abs(value) > _LATEST_SECONDS else value, UTC)
    if not isinstance(value, str):
        raise ValueError
    text = value.strip()
    if text.isascii() and text.isdigit() and len(text) >= 9:
        return _moment(int(text))
    return _with_zone(datetime.fromisoformat(text.replace("/", "-")))


def _with_zone(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
