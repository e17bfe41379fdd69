"""The two databases' own SQL, where it differs: statements here go to the driver, past SQLAlchemy's compiler."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection

from openaisle.storage.tables import counters


class Dialect:
    """Turns statements with `?` for a parameter, and `AMONG ?` for one that holds a list, into the database's own."""

    def __init__(self, name: str) -> None:
        self._sqlite = name == "sqlite"

    def sql(self, statement: str) -> str:
        if self._sqlite:
            return statement.replace("AMONG ?", "IN (SELECT value FROM json_each(?))")
        return statement.replace("AMONG ?", "= ANY(?)").replace("?", "%s")

    def listed(self, values: Iterable[str | int]) -> Any:
        """The parameter of `AMONG ?`: any number of values."""
        return orjson.dumps(list(values)).decode() if self._sqlite else list(values)

    def rows(self, connection: Connection, statement: str, *parameters: Any) -> Sequence[Any]:
        """The rows of a statement inside a transaction."""
        return connection.exec_driver_sql(self.sql(statement), parameters).all()

    def run(self, connection: Connection, statement: str, *parameters: Any) -> int:
        """Execute a statement inside a transaction; returns how many rows it changed."""
        return connection.exec_driver_sql(self.sql(statement), parameters).rowcount

    def run_many(self, connection: Connection, statement: str, parameters: Sequence[tuple[Any, ...]]) -> None:
        """Execute a statement once for each tuple."""
        connection.exec_driver_sql(self.sql(statement), list(parameters))


def locked_counter(connection: Connection, name: str) -> int:
    """A counter's value; nobody else changes it until this transaction ends."""
    query = counters.select().where(counters.c.name == name).with_for_update()
    return int(connection.execute(query).one().value)


def set_counter(connection: Connection, name: str, value: int) -> None:
    connection.execute(counters.update().where(counters.c.name == name).values(value=value))
