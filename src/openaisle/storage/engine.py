"""Opens the database and its two kinds of transaction: `reading` and `writing`."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from openaisle.errors import MissingExtra, SettingsError
from openaisle.storage.faults import storage_error, translate_faults
from openaisle.storage.read_only import connect_read_only, is_read_only

BUSY_TIMEOUT_S = 30
_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}",
    "PRAGMA foreign_keys = ON",
    # NORMAL in WAL: a killed process loses nothing it committed; only a power cut may roll back the last commits.
    "PRAGMA synchronous = NORMAL",
    "PRAGMA cache_size = -8000",
    "PRAGMA journal_size_limit = 67108864",
)
_BEGIN = "openaisle_begin"


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///path/shop.db` or `postgresql://user@host/name`; connects lazily.

    A SQLite file that cannot be written here is opened for reading.

    Raises `SettingsError` for a URL that is not one of these and `MissingExtra` when the PostgreSQL driver is absent.
    """
    parsed = _parse(url)
    engine = _open_sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _open_postgresql(parsed)
    translate_faults(engine)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that reads one snapshot (SQLite) and never waits for writers."""
    with engine.connect() as connection:
        yield connection


def fetch(engine: Engine, statement: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """The rows of one statement in the driver's own SQL: a third of the cost, for what every search asks."""
    driver: Any = engine.dialect.dbapi
    try:
        pooled = engine.raw_connection()
        try:
            cursor = pooled.cursor()
            cursor.execute(statement, parameters)
            return list(cursor.fetchall())
        finally:
            pooled.close()
    except (driver.OperationalError, driver.InterfaceError) as error:
        raise storage_error(error) from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write: committed when the block ends, rolled back when it raises.

    On SQLite the write lock is taken at once, so that a read inside it can never be overtaken by another writer.
    """
    with engine.connect() as connection, write_on(connection):
        yield connection


@contextmanager
def write_on(connection: Connection) -> Iterator[Connection]:
    """The same on a connection that is already open and not in a transaction."""
    connection.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
    try:
        with connection.begin():
            yield connection
    finally:
        if not connection.closed:
            connection.execution_options(**{_BEGIN: None})


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except ArgumentError as error:
        raise SettingsError("The store URL cannot be read.", "Write it like postgresql://user@host/name.") from error
    if backend == "postgres":
        parsed, backend = parsed.set(drivername="postgresql"), "postgresql"
    if backend not in {"sqlite", "postgresql"}:
        raise SettingsError(
            f"The store URL starts with {backend!r}, which is not supported.", "Use sqlite:/// or postgresql://."
        )
    return parsed


def _open_sqlite(url: URL) -> Engine:
    database = Path(url.database or ":memory:")
    read_only = is_read_only(database)
    if read_only:
        engine = create_engine(url, poolclass=NullPool, creator=lambda: connect_read_only(database))
    else:
        engine = create_engine(url, pool_size=8, max_overflow=24, connect_args={"timeout": BUSY_TIMEOUT_S})

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late and is never IMMEDIATE
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        if not read_only:
            _enter_wal(connection)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        statement = connection.get_execution_options().get(_BEGIN)
        if statement is not None:
            connection.exec_driver_sql(statement)
        else:  # a deferred BEGIN takes no lock and cannot fail, so it can spare the detour; every search passes here
            connection.connection.cursor().execute("BEGIN")

    return engine


def _enter_wal(connection: sqlite3.Connection) -> None:
    """Switch a new file to WAL; the switch ignores the busy timeout, so wait here for a neighbour that is switching."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while connection.execute("PRAGMA journal_mode").fetchone()[0] not in {"wal", "memory"}:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _open_postgresql(url: URL) -> Engine:
    if find_spec("psycopg") is None:
        raise MissingExtra(
            "The PostgreSQL driver is not installed.", "Install it with: pip install 'openaisle[postgres]'"
        )
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=8,
        max_overflow=24,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 10},
    )
