"""Events out of the log: own JSONL, plain or gzipped, or Parquet; shoppers and sessions by their pseudonyms."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import IO, Any, cast

import orjson

from openaisle.errors import EventsError, StorageError
from openaisle.events.event import Event
from openaisle.events.log import EventLog
from openaisle.events.selection import Among

_DEFAULTS = {field.name: field.default for field in fields(Event)}
SUFFIXES = (".jsonl", ".jsonl.gz", ".parquet")


def export_events(log: EventLog, path: Path, among: Among = Among.ALL) -> int:
    """Write the events to a new file, in the order of storage; its name tells the format. Returns how many there were.

    Raises `EventsError` for another name or a file that exists, `MissingExtra` for Parquet without PyArrow.
    """
    if not path.name.endswith(SUFFIXES):
        raise EventsError(f"{path.name} names no format.", f"End the name with one of {', '.join(SUFFIXES)}.")
    if path.exists():
        raise EventsError(f"{path} is there already.", "Name a new file.")
    try:
        if path.suffix == ".parquet":
            return _write_parquet(log, path, among)
        with cast("IO[bytes]", gzip.open(path, "xb") if path.suffix == ".gz" else path.open("xb")) as file:
            return write_lines(log.read(among=among), file)
    except OSError as error:
        raise StorageError(f"{path} cannot be written ({error.strerror}).", "Choose a folder with room.") from error


def write_lines(events: Iterable[Event], file: IO[bytes]) -> int:
    """One JSON object an event and a line; returns how many there were."""
    count = 0
    for count, line in enumerate(_lines(events), start=1):  # noqa: B007
        file.write(line)
    return count


def as_record(event: Event) -> dict[str, Any]:
    """The event's fields as JSON has them, those that say nothing left out."""
    given = ((name, getattr(event, name)) for name in _DEFAULTS)
    return {name: value for name, value in given if name in ("id", "kind", "time") or value != _DEFAULTS[name]}


def _lines(events: Iterable[Event]) -> Iterator[bytes]:
    for event in events:
        yield orjson.dumps(as_record(event), option=orjson.OPT_APPEND_NEWLINE)


def _write_parquet(log: EventLog, path: Path, among: Among) -> int:
    table = log.arrow(among=among)
    from pyarrow import parquet

    parquet.write_table(table, path, compression="zstd")
    return int(table.num_rows)
