"""The two databases' own SQL, where it differs: statements here go to the driver, past SQLAlchemy's compiler."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection

_ONE_STATEMENT = 40
"""Rows of some twenty columns that one statement may insert: old versions of SQLite take 999 values, and of more rows
compiling it takes longer than running a short one for each."""


class Dialect:
    """Turns statements with `?` for a parameter, and `AMONG ?` for one that holds a list, into the database's own."""

    def __init__(self, name: str) -> None:
        self._sqlite = name == "sqlite"
        self.for_update = "" if self._sqlite else " FOR UPDATE"  # SQLite locks the whole file from the beginning

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

    def insert(self, connection: Connection, table: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows inside a transaction.

        SQLite's driver lets other threads of the process go first with every row: a few rows are one statement, so that
        a busy service waits once for its turn.
        """
        row = f"({', '.join('?' * len(rows[0]))})"
        head = f"INSERT INTO {table} ({columns}) VALUES "  # noqa: S608
        if self._sqlite and len(rows) <= _ONE_STATEMENT:
            values = [value for each in rows for value in each]
            connection.exec_driver_sql(head + ", ".join([row] * len(rows)), tuple(values))
        else:
            self.run_many(connection, head + row, rows)

    def run_many(self, connection: Connection, statement: str, parameters: Sequence[tuple[Any, ...]]) -> None:
        """Execute a statement once for each tuple."""
        connection.exec_driver_sql(self.sql(statement), list(parameters))


def locked_counter(connection: Connection, name: str) -> int:
    """A counter's value; nobody else changes it until this transaction ends."""
    dialect = Dialect(connection.dialect.name)
    return int(dialect.rows(connection, f"SELECT value FROM counters WHERE name = ?{dialect.for_update}", name)[0][0])  # noqa: S608


def set_counter(connection: Connection, name: str, value: int) -> None:
    Dialect(connection.dialect.name).run(connection, "UPDATE counters SET value = ? WHERE name = ?", value, name)
