"""Writes events inside one transaction: numbered in order, each id once, unknown products kept apart.

Numbers come from a counter that is locked for the whole transaction, so they are committed in order: a reader that has
seen number n will never find a smaller one later. The catalogue is asked under the same lock, and products that appear
are looked for under it, too: none can slip in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Connection

from openaisle.events.dialect import Dialect, locked_counter, set_counter
from openaisle.events.event import Event
from openaisle.events.pseudonyms import Pseudonyms
from openaisle.events.rows import COLUMNS, Row, as_row

SEQ = "events.seq"

Known = Callable[[Sequence[str]], set[str]]
"""Tells which of some products the catalogue has."""


class Outcome(Enum):
    """What became of an event."""

    STORED = "stored"
    APART = "apart"
    """Stored, but of a product that the catalogue does not have."""
    REPEATED = "repeated"
    """Its id is in the log already."""
    WITHHELD = "withheld"
    """It is from before its shopper's events were erased."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event on its way in. `shopper` and `session` are its pseudonyms."""

    event: Event
    shopper: str
    session: str
    mark: str

    @classmethod
    def of(cls, event: Event, mark: str, pseudonyms: Pseudonyms) -> Entry:
        return cls(event, pseudonyms.shopper(event.shopper), pseudonyms.session(event.session), mark)


def write(connection: Connection, entries: Sequence[Entry], known: Known) -> list[Outcome]:
    """Store what is new; returns what became of each, in the same order."""
    dialect = Dialect(connection.dialect.name)
    seq = locked_counter(connection, SEQ)
    seen = _stored_ids(connection, dialect, entries)
    erased = _erasures(connection, dialect, entries)
    products = known(list({entry.event.product_id for entry in entries if entry.event.product_id}))
    outcomes: list[Outcome] = []
    rows: list[Row] = []
    for entry in entries:
        outcome = _outcome(entry, seen, erased, products)
        outcomes.append(outcome)
        if outcome is Outcome.STORED or outcome is Outcome.APART:
            seen.add(entry.event.id)
            seq += 1
            stored = outcome is Outcome.STORED
            rows.append(as_row(seq, entry.event, entry.shopper, entry.session, known=stored, mark=entry.mark))
    if rows:
        dialect.insert(connection, "events", COLUMNS, rows)
        set_counter(connection, SEQ, seq)
    return outcomes


def promote(connection: Connection, products: Iterable[str], most: int) -> int:
    """Number anew the events of products that are known now, at most `most` of them; returns how many there were."""
    dialect = Dialect(connection.dialect.name)
    before = seq = locked_counter(connection, SEQ)
    query = "SELECT seq FROM events WHERE NOT known AND product_id AMONG ? ORDER BY seq LIMIT ?"
    moved = []
    for (old,) in dialect.rows(connection, query, dialect.listed(products), most):
        seq += 1
        moved.append((seq, True, old))
    if moved:
        dialect.run_many(connection, "UPDATE events SET seq = ?, known = ? WHERE seq = ?", moved)
        set_counter(connection, SEQ, seq)
    return seq - before


def _outcome(entry: Entry, seen: set[str], erased: dict[str, int], products: set[str]) -> Outcome:
    event = entry.event
    if event.id in seen:
        return Outcome.REPEATED
    if erased and event.time <= max(erased.get(entry.shopper, 0), erased.get(entry.session, 0)):
        return Outcome.WITHHELD
    return Outcome.STORED if not event.product_id or event.product_id in products else Outcome.APART


def _stored_ids(connection: Connection, dialect: Dialect, entries: Sequence[Entry]) -> set[str]:
    query = "SELECT id FROM events WHERE id AMONG ?"
    return {id_ for (id_,) in dialect.rows(connection, query, dialect.listed(entry.event.id for entry in entries))}


def _erasures(connection: Connection, dialect: Dialect, entries: Sequence[Entry]) -> dict[str, int]:
    """When events of these shoppers and sessions were erased, for the few of whom they were."""
    if not dialect.rows(connection, "SELECT 1 FROM erasures LIMIT 1"):
        return {}
    visitors = {name for entry in entries for name in (entry.shopper, entry.session) if name}
    query = "SELECT visitor, time FROM erasures WHERE visitor AMONG ?"
    return {row[0]: row[1] for row in dialect.rows(connection, query, dialect.listed(visitors))}
