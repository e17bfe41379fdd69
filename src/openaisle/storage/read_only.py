"""A SQLite store that this process may read but not write: a folder mounted read-only, or of another user."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote


def is_read_only(database: Path) -> bool:
    """Whether there is a database that cannot be written here. WAL needs its folder as much as the file itself."""
    return database.is_file() and not (os.access(database, os.W_OK) and os.access(database.parent, os.W_OK))


def connect_read_only(database: Path) -> sqlite3.Connection:
    """A connection that leaves no file beside the database.

    SQLite reads a WAL database only with the files of its log. Where there is no log nobody writes, and the file may
    be declared immutable; that is decided anew with each connection, since a writer may come.
    """
    log = database.with_name(f"{database.name}-wal")
    how = "mode=ro" if log.exists() and log.stat().st_size else "mode=ro&immutable=1"
    return sqlite3.connect(f"file:{quote(str(database.absolute()))}?{how}", uri=True, check_same_thread=False)
