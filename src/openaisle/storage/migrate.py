"""Brings the schema to this version's, whoever opens the store first."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, inspect, text

from openaisle.errors import StorageError
from openaisle.storage.engine import reading, writing

HEAD = "0004"
"""The newest revision under `migrations/versions`; kept here so that opening a current store need not load Alembic."""

_POSTGRES_LOCK = 0x0A15_1E00


def migrate(engine: Engine) -> None:
    """Upgrade the schema to `HEAD`. Processes that open at once wait for each other; a current store costs one query.

    Raises `StorageError` when a newer version of OpenAisle made the store.
    """
    if _revision(engine) == HEAD:
        return
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_LOCK})
        _upgrade(connection)


def _revision(engine: Engine) -> str | None:
    with reading(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "openaisle.storage:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, HEAD)
    except CommandError as error:
        raise StorageError(
            f"The store's schema is not one this version knows ({error}).",
            "Upgrade OpenAisle to the version that last opened this store.",
        ) from error
