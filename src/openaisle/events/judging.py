"""Looks at what has come since the last time for stretches that no person made, and marks their events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Connection, Engine

from openaisle.events.bots import ACTIONS, FEWEST, Stretch, stretches
from openaisle.events.dialect import Dialect, locked_counter, set_counter
from openaisle.events.selection import latest
from openaisle.storage import fetch, writing

JUDGED = "events.judged"
_SLICE = 100_000
_VISITORS = 2000
_AROUND_MS = 3 * 3_600_000
"""How far from a new event its visitor's others are looked at."""

_Found = tuple[str, Stretch]
_Seen = tuple[str, int, int]
"""A visitor, and the first and last time of what they did."""


def judge(engine: Engine) -> int:
    """Mark what has to be marked; returns how many stretches were marked. Reads outside of transactions."""
    dialect = Dialect(engine.dialect.name)
    changed, end = 0, latest(engine)
    start = _judged_until(engine)
    while start < end:
        stop = min(start + _SLICE, end)
        found = list(_changes(engine, dialect, start, stop))
        with writing(engine) as connection:
            changed += sum(_mark(connection, dialect, visitor, stretch) for visitor, stretch in found)
            if locked_counter(connection, JUDGED) < stop:
                set_counter(connection, JUDGED, stop)
        start = stop
    return changed


def _judged_until(engine: Engine) -> int:
    return int(fetch(engine, "SELECT value FROM counters WHERE name = 'events.judged'", ())[0][0])


def _changes(engine: Engine, dialect: Dialect, start: int, stop: int) -> Iterator[_Found]:
    """Stretches of those who did something between two numbers."""
    actions = dialect.listed(kind.value for kind in ACTIONS)
    touched = dialect.sql(
        "SELECT visitor, min(time), max(time) FROM events WHERE seq > ? AND seq <= ? AND visitor <> '' "
        "AND kind AMONG ? GROUP BY visitor"
    )
    seen = fetch(engine, touched, (start, stop, actions))
    for part in range(0, len(seen), _VISITORS):
        yield from _of_visitors(engine, dialect, seen[part : part + _VISITORS], actions)


def _of_visitors(engine: Engine, dialect: Dialect, seen: Sequence[_Seen], actions: object) -> Iterator[_Found]:
    query = dialect.sql(
        "SELECT visitor, time, mark FROM events WHERE visitor AMONG ? AND time >= ? AND time <= ? "
        "AND kind AMONG ? ORDER BY visitor, time"
    )
    first = min(earliest for _, earliest, _ in seen) - _AROUND_MS
    last = max(latest_ for _, _, latest_ in seen) + _AROUND_MS
    visitors = dialect.listed(visitor for visitor, _, _ in seen)
    rows = fetch(engine, query, (visitors, first, last, actions))
    for visitor, own in groupby(rows, itemgetter(0)):
        times, marks = zip(*((time, mark) for _, time, mark in own), strict=True)
        if len(times) >= FEWEST and not all(marks):
            yield from ((visitor, stretch) for stretch in stretches(times) if stretch.mark)


def _mark(connection: Connection, dialect: Dialect, visitor: str, stretch: Stretch) -> bool:
    """Mark what has no mark yet. Marks stay: what comes later, or is looked at in part, takes no suspicion away."""
    change = "UPDATE events SET mark = ? WHERE visitor = ? AND time >= ? AND time <= ? AND mark = ''"
    assert stretch.mark is not None
    return dialect.run(connection, change, stretch.mark.value, visitor, stretch.first, stretch.last) > 0
