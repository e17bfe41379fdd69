"""Reads events in the order of storage, a page at a time, holding no lock in between."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Engine

from openaisle.events.batching import batches
from openaisle.events.dialect import Dialect
from openaisle.events.event import Kind
from openaisle.events.rows import Row
from openaisle.storage import fetch

_PAGE = 5000


class Among(Enum):
    """Which events are read: for learning, those of persons and of products that the catalogue has."""

    TRUSTED = "trusted"
    KNOWN = "known"
    """Marked ones, too."""
    ALL = "all"
    """Those of unknown products, too."""


_CONDITIONS = {Among.TRUSTED: " AND known AND mark = ''", Among.KNOWN: " AND known", Among.ALL: ""}


@dataclass(frozen=True, slots=True)
class Selection:
    """Events of some kinds, from `since` on and before `until` (milliseconds since 1970), of one shopper (a pseudonym),
    numbered above `after`. What is None does not matter."""

    kinds: Collection[Kind] | None = None
    since: int | None = None
    until: int | None = None
    shopper: str | None = None
    after: int = 0
    among: Among = Among.TRUSTED


def rows(engine: Engine, columns: str, selection: Selection) -> Iterator[Row]:
    """The rows with these columns, of which the first must be `seq`. Ends at the number that was the latest before."""
    dialect = Dialect(engine.dialect.name)
    if selection.shopper is not None:
        return _of_shopper(engine, dialect, columns, selection)
    return _in_order(engine, dialect, columns, selection)


def latest(engine: Engine) -> int:
    """The number of the latest event; 0 before the first."""
    return int(fetch(engine, "SELECT value FROM counters WHERE name = 'events.seq'", ())[0][0])


def _in_order(engine: Engine, dialect: Dialect, columns: str, selection: Selection) -> Iterator[Row]:
    condition, parameters = _condition(dialect, selection)
    query = dialect.sql(f"SELECT {columns} FROM events WHERE seq > ? AND seq <= ?{condition} ORDER BY seq LIMIT ?")  # noqa: S608
    last, end = _bounds(engine, dialect, selection)
    while last < end:
        page = fetch(engine, query, (last, end, *parameters, _PAGE))
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1][0]


def _of_shopper(engine: Engine, dialect: Dialect, columns: str, selection: Selection) -> Iterator[Row]:
    """By way of the index of visitors: its numbers first, which are short, then the rows."""
    mine = dialect.sql("SELECT seq FROM events WHERE visitor = ? AND seq > ?")
    numbers = sorted(seq for (seq,) in fetch(engine, mine, (selection.shopper, selection.after)))
    condition, parameters = _condition(dialect, selection)
    query = dialect.sql(f"SELECT {columns} FROM events WHERE seq AMONG ?{condition} ORDER BY seq")  # noqa: S608
    for page in batches(numbers, _PAGE):
        yield from fetch(engine, query, (dialect.listed(page), *parameters))


def _bounds(engine: Engine, dialect: Dialect, selection: Selection) -> tuple[int, int]:
    """Numbers outside of which nothing can be: where times are asked for, the index of times narrows them."""
    times, parameters = _times(selection, "time")
    if not times:
        return selection.after, latest(engine)
    query = dialect.sql(f"SELECT min(seq), max(seq) FROM events WHERE TRUE{times}")  # noqa: S608
    first, last = fetch(engine, query, tuple(parameters))[0]
    return (selection.after, 0) if first is None else (max(selection.after, first - 1), last)


def _condition(dialect: Dialect, selection: Selection) -> tuple[str, list[Any]]:
    times, parameters = _times(selection, "+time")  # the sign keeps planners on the way by number
    condition = times + _CONDITIONS[selection.among]
    if selection.kinds is not None:
        condition += " AND kind AMONG ?"
        parameters.append(dialect.listed(kind.value for kind in selection.kinds))
    return condition, parameters


def _times(selection: Selection, column: str) -> tuple[str, list[Any]]:
    asked = [(f" AND {column} >= ?", selection.since), (f" AND {column} < ?", selection.until)]
    given = [(condition, time) for condition, time in asked if time is not None]
    return "".join(condition for condition, _ in given), [time for _, time in given]
