"""Reads from the log what a profile is made of: one shopper's newest acts, or everybody's since a number."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Engine, Select, select

from openaisle.events.event import Kind
from openaisle.events.selection import latest
from openaisle.profiles.profile import WEIGHTS, Act
from openaisle.storage import reading
from openaisle.storage.tables import events

NEWEST = 2000
"""Acts that a profile is made of."""
_LOOKED_AT = 20_000
"""Events, the newest, among which they are looked for: most of what is logged is what was shown."""

_KINDS = tuple(kind.value for kind in WEIGHTS)


class History:
    """The log as far as profiles need it: without what a machine did and what has no product in the catalogue."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def latest(self) -> int:
        """The number of the event that was stored last."""
        return latest(self._database)

    def of(self, visitor: str, through: int) -> list[Act]:
        """The newest acts of a pseudonym up to an event's number, oldest first; reads a bounded part of the log."""
        seen = _of_visitor(visitor, through).subquery()
        wanted = (
            select(seen.c.kind, seen.c.time, seen.c.product_id, seen.c.seconds)
            .where(seen.c.kind.in_(_KINDS), seen.c.known, seen.c.mark == "", seen.c.product_id != "")
            .order_by(seen.c.time.desc())
            .limit(NEWEST)
        )
        with reading(self._database) as connection:
            rows = connection.execute(wanted).all()
        return [Act(Kind(kind), time, product, seconds) for kind, time, product, seconds in reversed(rows)]

    def since(self, after: int, through: int) -> Iterator[tuple[int, str, Act]]:
        """Number, pseudonym and act of everybody's events above one number up to another, in their order."""
        wanted = (
            select(events.c.seq, events.c.visitor, events.c.kind, events.c.time, events.c.product_id, events.c.seconds)
            .where(events.c.seq > after, events.c.seq <= through, events.c.kind.in_(_KINDS), events.c.visitor != "")
            .where(events.c.known, events.c.mark == "", events.c.product_id != "")
            .order_by(events.c.seq)
        )
        with reading(self._database) as connection:
            rows = connection.execute(wanted).all()
        for seq, visitor, kind, time, product, seconds in rows:
            yield seq, visitor, Act(Kind(kind), time, product, seconds)


def _of_visitor(visitor: str, through: int) -> Select[tuple[object, ...]]:
    return (
        select(events.c.kind, events.c.time, events.c.product_id, events.c.seconds, events.c.known, events.c.mark)
        .where(events.c.visitor == visitor, events.c.seq <= through)
        .order_by(events.c.time.desc())
        .limit(_LOOKED_AT)
    )
