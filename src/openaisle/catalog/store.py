"""The catalogue in the store: the truth about what is sold, and the feed of its changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import Engine, select
from sqlalchemy.sql import ColumnElement

from openaisle.catalog.batches import BATCH, batches
from openaisle.catalog.changes import Change, Patch, Patched, Upserted
from openaisle.catalog.patching import apply_patches
from openaisle.catalog.product import Product
from openaisle.catalog.serialization import from_json, to_json
from openaisle.catalog.sync import FeedSync
from openaisle.catalog.writes import Writer, bodies_query, encode, ids_query, write_bodies
from openaisle.errors import ProductNotFound
from openaisle.storage import fetch, reading, writing
from openaisle.storage.tables import products

_PAGE = 1000
_COUNT = "SELECT value FROM counters WHERE name = 'products.live'"
_LATEST = "SELECT value FROM counters WHERE name = 'products.seq'"


class Catalog:
    """Products by id. A write is acknowledged when the method returns: a killed process loses none of it.

    Safe to share between threads; several processes may use one store at once. Methods raise `StorageError` when the
    database refuses.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def upsert(self, items: Iterable[Product]) -> Upserted:
        """Insert or replace products, a batch a transaction. Those that are already there just so are not touched.

        Of two products with one id in the same call the later wins.
        """
        accepted = unchanged = 0
        for batch in batches(items):
            encoded = {product.id: _encoded(product) for product in batch}
            with writing(self._engine) as connection:
                writer = Writer(connection)
                changed = write_bodies(writer, encoded)
                writer.flush()
            accepted += changed
            unchanged += len(encoded) - changed
        return Upserted(accepted, unchanged)

    def patch(self, patches: Iterable[Patch]) -> Patched:
        """Change some fields of products, a batch a transaction; unknown ids and invalid results are reported."""
        accepted = unchanged = 0
        unknown: list[str] = []
        invalid: dict[str, str] = {}
        for batch in batches(patches):
            with writing(self._engine) as connection:
                done = apply_patches(Writer(connection), batch)
            accepted += done.accepted
            unchanged += done.unchanged
            unknown += done.unknown
            invalid |= done.invalid
        return Patched(accepted, unchanged, tuple(unknown), invalid)

    def delete(self, ids: Iterable[str]) -> int:
        """Delete products; returns how many there were. Ids that no product has are passed over."""
        deleted = 0
        for batch in batches(ids):
            with writing(self._engine) as connection:
                writer = Writer(connection)
                live = [id_ for id_, known in writer.known(dict.fromkeys(batch)).items() if known.live]
                for id_ in live:
                    writer.bury(id_)
                writer.flush()
            deleted += len(live)
        return deleted

    def get(self, id_: str) -> Product:
        """The product with this id. Raises `ProductNotFound`."""
        found = self.get_many((id_,))
        if id_ not in found:
            raise ProductNotFound(f"No product has the id {id_[:80]!r}.", "Check the id, or ingest the product first.")
        return found[id_]

    def get_many(self, ids: Sequence[str]) -> dict[str, Product]:
        """Those of the products that exist, by id."""
        return {id_: from_json(body) for id_, body in self.get_bodies(ids).items()}

    def get_bodies(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The same as JSON-ready dicts (`serialization.to_json`), without building products."""
        if not ids:
            return {}
        rows = fetch(self._engine, *bodies_query(self._engine.dialect.name, ids))
        return {id_: orjson.loads(body) for id_, body in rows}

    def existing(self, ids: Sequence[str]) -> set[str]:
        """Which of the ids products have."""
        return {id_ for (id_,) in fetch(self._engine, *ids_query(self._engine.dialect.name, ids))} if ids else set()

    def count(self) -> int:
        """How many products there are."""
        return int(fetch(self._engine, _COUNT, ())[0][0])

    def ids(self) -> Iterator[str]:
        """Every product's id, in order of id."""
        return (id_ for (id_,) in self._walk(products.c.id))

    def products(self) -> Iterator[Product]:
        """Every product, in order of id. Reads a page at a time and holds no lock in between."""
        rows = self._walk(products.c.id, products.c.body)
        return (from_json(orjson.loads(body)) for _, body in rows)

    def changes(self, since: int, limit: int | None = None) -> Iterator[Change]:
        """Products changed after number `since`, each once with its latest state, in order of change.

        Ends at the number that was the latest when it was called; reads a page at a time. A caller that stores the last
        `seq` it handled and asks again from there misses nothing, whoever writes meanwhile.
        """
        until, last, given = self.latest_seq(), since, 0
        while last < until and (limit is None or given < limit):
            page = self._changes_page(last, until, _PAGE if limit is None else min(_PAGE, limit - given))
            if not page:
                return
            for seq, content_seq, id_, body in page:
                product = None if body is None else from_json(orjson.loads(body))
                yield Change(seq, id_, body is None, content_seq > since, product)
            given += len(page)
            last = page[-1][0]

    def latest_seq(self) -> int:
        """The number of the latest committed change; 0 before the first."""
        return int(fetch(self._engine, _LATEST, ())[0][0])

    def begin_sync(self) -> FeedSync:
        """Start a full-feed sync: tell it every id of the feed, then `finish` retires the rest."""
        return FeedSync(self._engine)

    def _changes_page(self, since: int, until: int, size: int) -> list[tuple[int, int, str, str | None]]:
        query = (
            select(products.c.seq, products.c.content_seq, products.c.id, products.c.body)
            .where(products.c.seq > since, products.c.seq <= until)
            .order_by(products.c.seq)
            .limit(size)
        )
        with reading(self._engine) as connection:
            return [tuple(row) for row in connection.execute(query)]

    def _walk(self, *columns: ColumnElement[Any]) -> Iterator[tuple[Any, ...]]:
        last = ""
        while True:
            query = select(*columns).where(_live_after(last)).order_by(products.c.id).limit(BATCH)
            with reading(self._engine) as connection:
                page = [tuple(row) for row in connection.execute(query)]
            yield from page
            if len(page) < BATCH:
                return
            last = page[-1][0]


def _encoded(product: Product) -> tuple[dict[str, Any], bytes]:
    body = to_json(product)
    return body, encode(body)


def _live_after(last: str) -> ColumnElement[bool]:
    return (products.c.id > last) & products.c.body.is_not(None)
