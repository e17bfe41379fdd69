"""The formats that events come in, one file each: how it is recognised, and how a record of it becomes events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from openaisle.errors import EventsError
from openaisle.events.formats import ga4, own, ubi
from openaisle.events.formats.format import Format

FORMATS: Mapping[str, Format] = {format_.name: format_ for format_ in (own.FORMAT, ga4.FORMAT, ubi.FORMAT)}


def named(name: str) -> Format:
    """The format with this name. Raises `EventsError`."""
    if name not in FORMATS:
        raise EventsError(f"There is no format {name[:40]!r} of events.", f"Use one of {', '.join(FORMATS)}.")
    return FORMATS[name]


def detect(records: Iterable[Mapping[str, Any]]) -> Format:
    """The format of the first record that any of them recognises. Raises `EventsError`."""
    for record in records:
        for format_ in FORMATS.values():
            if format_.recognises(record):
                return format_
    raise EventsError(
        "The file looks like no known log of events.",
        f"It needs one JSON object a line; name its format with --format ({', '.join(FORMATS)}).",
    )
