"""Erases what one shopper did, and remembers that it was erased."""

from __future__ import annotations

from sqlalchemy import Connection

from openaisle.events.dialect import Dialect, locked_counter
from openaisle.events.writes import SEQ


def erase(connection: Connection, shopper: str, now: int) -> int:
    """Delete the events of a shopper (a pseudonym) and of their sessions; returns how many there were.

    A session that a shopper signed in to has events from before, without the shopper: they go as well. What is sent
    again of before `now` (milliseconds since 1970) is not stored.
    """
    dialect = Dialect(connection.dialect.name)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")  # else what was deleted stays readable in the file
    locked_counter(connection, SEQ)
    of_shopper = "SELECT DISTINCT session FROM events WHERE visitor = ? AND shopper = ? AND session <> ''"
    sessions = [session for (session,) in dialect.rows(connection, of_shopper, shopper, shopper)]
    visitors = [shopper, *sessions]
    deleted = dialect.run(connection, "DELETE FROM events WHERE visitor AMONG ?", dialect.listed(visitors))
    dialect.run_many(
        connection,
        "INSERT INTO erasures (visitor, time) VALUES (?, ?) "
        "ON CONFLICT (visitor) DO UPDATE SET time = excluded.time WHERE erasures.time < excluded.time",
        [(visitor, now) for visitor in visitors],
    )
    return deleted
