"""Who said no to a profile, and whose events were erased when."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, delete
from sqlalchemy.dialects import postgresql, sqlite

from openaisle.events.dialect import Dialect
from openaisle.storage import fetch, writing
from openaisle.storage.tables import profile_refusals

_SAY = "SELECT (SELECT time FROM profile_refusals WHERE visitor = ?), (SELECT time FROM erasures WHERE visitor = ?)"


@dataclass(frozen=True, slots=True)
class Say:
    """A shopper's own. `erased` is when their events were erased last (milliseconds since 1970), 0 if never."""

    refused: bool
    erased: int


class Refusals:
    """By pseudonym. Asked of the database each time, so that a no holds at once, in every process."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def say(self, visitor: str) -> Say:
        statement = Dialect(self._database.dialect.name).sql(_SAY)
        ((refused, erased),) = fetch(self._database, statement, (visitor, visitor))
        return Say(refused is not None, erased or 0)

    def refuse(self, visitor: str, now: int) -> None:
        insert = sqlite.insert if self._database.dialect.name == "sqlite" else postgresql.insert
        with writing(self._database) as connection:
            connection.execute(insert(profile_refusals).values(visitor=visitor, time=now).on_conflict_do_nothing())

    def allow(self, visitor: str) -> None:
        with writing(self._database) as connection:
            connection.execute(delete(profile_refusals).where(profile_refusals.c.visitor == visitor))
