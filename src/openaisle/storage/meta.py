"""Single facts about a shop by key: which schema made it, what was last done."""

from __future__ import annotations

from sqlalchemy import Engine, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from openaisle.storage.engine import reading, writing
from openaisle.storage.tables import meta


class Meta:
    """Key/value texts. Methods raise `StorageError` when the database refuses."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, key: str) -> str | None:
        with reading(self._engine) as connection:
            return connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar_one_or_none()

    def put(self, key: str, value: str) -> None:
        insert = sqlite.insert(meta) if self._engine.dialect.name == "sqlite" else postgresql.insert(meta)
        with writing(self._engine) as connection:
            connection.execute(
                insert.values(key=key, value=value).on_conflict_do_update(index_elements=["key"], set_={"value": value})
            )

    def put_new(self, key: str, value: str) -> None:
        """Only where the key has no value yet, whoever else puts one at the same moment."""
        insert = sqlite.insert(meta) if self._engine.dialect.name == "sqlite" else postgresql.insert(meta)
        with writing(self._engine) as connection:
            connection.execute(insert.values(key=key, value=value).on_conflict_do_nothing())

    def remove(self, key: str) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(meta).where(meta.c.key == key))
