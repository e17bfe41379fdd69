"""Full-feed sync: products that a complete feed no longer names are retired, unless the feed looks cut off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType

from sqlalchemy import Column, Connection, Engine, Integer, MetaData, String, Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ColumnElement

from openaisle.catalog.batches import BATCH
from openaisle.catalog.writes import LIVE, SEQ, Writer
from openaisle.errors import FeedShrunk
from openaisle.storage.engine import write_on
from openaisle.storage.tables import counters, products

_seen = Table(
    "feed_seen",
    MetaData(),
    Column("id", String(256), primary_key=True),
    Column("row", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)
_UNREADABLE = 0


class FeedSync:
    """The ids of one feed, held in a temporary table of the database so that memory stays bounded.

    A context manager; leaving it without `finish` retires nothing. Products written by others while the feed is being
    read are left alone.
    """

    def __init__(self, engine: Engine) -> None:
        self._connection = engine.connect()
        self._connection.detach()  # closing it must really close it: the temporary table dies with the session
        with self._connection.begin():
            _seen.create(self._connection)
            self._start_seq = _counter(self._connection, SEQ)
            self._start_count = _counter(self._connection, LIVE)

    def __enter__(self) -> FeedSync:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget the feed."""
        self._connection.close()

    def seen(self, rows: Mapping[str, int]) -> dict[str, int]:
        """Note ids with the feed rows (from 1) they stand in; returns those seen before with their earlier rows."""
        if not rows:
            return {}
        query = select(_seen.c.id, _seen.c.row).where(
            _seen.c.id.in_(bindparam("ids", expanding=True)), _seen.c.row != _UNREADABLE
        )
        with self._connection.begin():
            before = {found.id: found.row for found in self._connection.execute(query, {"ids": list(rows)})}
            self._note([{"id": id_, "row": row} for id_, row in rows.items() if id_ not in before])
        return before

    def keep(self, ids: Iterable[str]) -> None:
        """Note ids of rows that could not be accepted: they are still sold, so they must not retire."""
        with self._connection.begin():
            self._note([{"id": id_, "row": _UNREADABLE} for id_ in dict.fromkeys(ids)])

    def absent(self) -> int:
        """How many products would retire."""
        with self._connection.begin():
            query = select(func.count()).select_from(products).where(self._absent())
            return int(self._connection.execute(query).scalar_one())

    def finish(self, guard: float = 0.5) -> int:
        """Retire products that were not seen; returns how many.

        Raises `FeedShrunk`, and retires nothing, when fewer than `guard` (0 to 1) of the products that there were at
        the start would stay; 0 switches the guard off.
        """
        absent = self.absent()
        staying = self._start_count - absent
        if absent and staying < guard * self._start_count:
            raise FeedShrunk(
                f"The feed has only {staying:,} of the shop's {self._start_count:,} products; nothing was retired.",
                "If the feed is complete, lower [ingest] guard in openaisle.toml; otherwise get the whole feed.",
            )
        return self._retire()

    def _retire(self) -> int:
        retired, last = 0, ""
        while True:
            query = select(products.c.id).where(products.c.id > last, self._absent()).order_by(products.c.id)
            with write_on(self._connection):
                writer = Writer(self._connection)
                page = list(self._connection.execute(query.limit(BATCH)).scalars())
                for id_ in page:
                    writer.bury(id_)
                writer.flush()
            if not page:
                return retired
            retired, last = retired + len(page), page[-1]

    def _absent(self) -> ColumnElement[bool]:
        is_seen = select(_seen.c.id).where(_seen.c.id == products.c.id).exists()
        return products.c.body.is_not(None) & (products.c.seq <= self._start_seq) & ~is_seen

    def _note(self, rows: list[dict[str, object]]) -> None:
        if not rows:
            return
        dialect = self._connection.dialect.name
        insert = sqlite.insert(_seen) if dialect == "sqlite" else postgresql.insert(_seen)
        row = (
            func.max(_seen.c.row, insert.excluded.row)
            if dialect == "sqlite"
            else func.greatest(_seen.c.row, insert.excluded.row)
        )
        self._connection.execute(insert.on_conflict_do_update(index_elements=["id"], set_={"row": row}), rows)


def _counter(connection: Connection, name: str) -> int:
    return int(connection.execute(select(counters.c.value).where(counters.c.name == name)).scalar_one())
