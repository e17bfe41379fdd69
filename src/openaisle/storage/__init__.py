"""Where things are kept: the database connection, its schema and migrations, and small records (tasks, API keys, meta).

SQLite in WAL mode by default, PostgreSQL by URL. Every database failure leaves this room as a `StorageError` that says
what to do. Rooms above write their own queries against `storage.tables`; none of them opens a connection of its own.
"""

from openaisle.storage.engine import fetch, open_engine, reading, writing
from openaisle.storage.migrate import migrate

__all__ = ["fetch", "migrate", "open_engine", "reading", "writing"]
