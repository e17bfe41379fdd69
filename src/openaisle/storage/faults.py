"""Turns what a database driver reports into a `StorageError` that says what to do."""

from __future__ import annotations

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from openaisle.errors import StorageError

_MENDS: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("database is locked", "database table is locked", "lock timeout"),
        "Another process holds the write lock; wait for it to end, or stop it, and try again.",
    ),
    (
        ("disk is full", "no space left", "disk i/o error", "could not extend file"),
        "Free some disk space (or lift the file size limit) and try again; what was acknowledged is kept.",
    ),
    (
        ("readonly database", "read-only", "permission denied"),
        "Make the shop's folder and its files writable for this user.",
    ),
    (
        ("unable to open database file", "not a directory"),
        "Check that the folder exists and that this user may write in it.",
    ),
    (
        ("not a database", "malformed"),
        "The file is not a readable SQLite database; restore shop.db from a backup.",
    ),
    (
        ("authentication failed", "password", 'role "'),
        "Check the user name and password in the store URL.",
    ),
    (
        ("does not exist",),
        "Create the database first, or correct its name in the store URL.",
    ),
    (
        ("connection refused", "could not connect", "connection failed", "could not translate", "failed to resolve"),
        "Check that the database server runs and that the store URL names its host and port.",
    ),
    (
        ("server closed the connection", "terminating connection", "connection is lost", "consuming input failed"),
        "The database server went away; check that it runs and try again.",
    ),
)
_UNKNOWN = "Check the disk and the database server, then try again."


def translate_faults(engine: Engine) -> None:
    """Make every operational failure on `engine` surface as a `StorageError`."""

    @event.listens_for(engine, "handle_error")
    def on_error(context: ExceptionContext) -> None:
        fault = context.sqlalchemy_exception
        if isinstance(fault, (OperationalError, InterfaceError)) or _is_damage(fault):
            raise storage_error(context.original_exception) from context.original_exception


def storage_error(fault: BaseException) -> StorageError:
    """The `StorageError` that tells a user what `fault` means; never repeats a connection string."""
    told = " ".join(str(fault).split())[:300]
    lowered = told.lower()
    mend = next((mend for signs, mend in _MENDS if any(sign in lowered for sign in signs)), _UNKNOWN)
    return StorageError(f"The store failed: {told}.", mend)


def _is_damage(fault: BaseException | None) -> bool:
    """SQLite reports a file that is no database as a plain DatabaseError."""
    return isinstance(fault, DBAPIError) and any(sign in str(fault.orig) for sign in ("not a database", "malformed"))
