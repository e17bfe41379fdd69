"""Writes rows of the `products` table, numbering each change. Every function runs inside one write transaction.

Change numbers come from a counter row that is locked for the whole transaction, so they are committed in order: a
reader that has seen number n will never find a row with a smaller number later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from openaisle.catalog.fields import parse_id
from openaisle.catalog.problems import Unfit
from openaisle.catalog.serialization import content_of
from openaisle.errors import InvalidProduct
from openaisle.storage.tables import counters, products

SEQ = "products.seq"
LIVE = "products.live"


class Known(NamedTuple):
    """What the store remembers of an id; a tombstone has no digest."""

    content_seq: int
    digest: bytes | None

    @property
    def live(self) -> bool:
        return self.digest is not None


class Writer:
    """One transaction's writes: rows are staged, numbered in the order they came, and written by `flush`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._before = _lock_counter(connection)
        self._seq = self._before
        self._live = 0
        self._rows: list[dict[str, Any]] = []

    def known(self, ids: Iterable[str]) -> dict[str, Known]:
        """The rows that have these ids, tombstones too."""
        columns = (products.c.id, products.c.content_seq, products.c.digest)
        query = select(*columns).where(products.c.id.in_(bindparam("ids", expanding=True)))
        rows = self._connection.execute(query, {"ids": _askable(list(ids))})
        return {id_: Known(content_seq, digest) for id_, content_seq, digest in rows}

    def bodies(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The stored JSON of these ids, tombstones left out."""
        query, parameters = bodies_query(self._connection.dialect.name, list(ids))
        return {id_: orjson.loads(body) for id_, body in self._connection.exec_driver_sql(query, parameters)}

    def put(self, id_: str, body: bytes, digest: bytes, known: Known | None, same_content: bool) -> None:
        """Stage a product; `same_content` keeps the number of its last change of content."""
        self._seq += 1
        self._live += known is None or not known.live
        self._rows.append(
            {
                "id": id_,
                "seq": self._seq,
                "content_seq": known.content_seq if known is not None and same_content else self._seq,
                "digest": digest,
                "body": body.decode(),
            }
        )

    def bury(self, id_: str) -> None:
        """Stage the deletion of a product that is live."""
        self._seq += 1
        self._live -= 1
        self._rows.append({"id": id_, "seq": self._seq, "content_seq": self._seq, "digest": None, "body": None})

    def flush(self) -> None:
        """Write what was staged and advance the counters."""
        if not self._rows:
            return
        self._connection.execute(_upsert_statement(self._connection.dialect.name), self._rows)
        advance = update(counters).where(counters.c.name == bindparam("counter"))
        self._connection.execute(
            advance.values(value=counters.c.value + bindparam("by")),
            [{"counter": SEQ, "by": self._seq - self._before}, {"counter": LIVE, "by": self._live}],
        )
        self._rows = []


def write_bodies(writer: Writer, encoded: Mapping[str, tuple[dict[str, Any], bytes]]) -> int:
    """Stage the products that differ from what is stored; returns how many did.

    `encoded` has each product's JSON as a dict and as bytes, by id.
    """
    known = writer.known(encoded)
    digests = {id_: digest_of(body) for id_, (_, body) in encoded.items()}
    changed = [id_ for id_ in encoded if not _is_same(known.get(id_), digests[id_])]
    before = writer.bodies([id_ for id_ in changed if id_ in known and known[id_].live])
    for id_ in changed:
        fields, body = encoded[id_]
        same_content = id_ in before and content_of(before[id_]) == content_of(fields)
        writer.put(id_, body, digests[id_], known.get(id_), same_content)
    return len(changed)


def encode(body: Mapping[str, Any]) -> bytes:
    """The body as canonical JSON: equal products have equal bytes. Raises `InvalidProduct` if JSON cannot hold it."""
    try:
        parse_id(body["id"])
        encoded = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        if b"null" in encoded and _has_null(orjson.loads(encoded)):
            raise ValueError("it has a number that is not finite, or None in a list")
    except (TypeError, ValueError, Unfit) as error:
        raise InvalidProduct(
            f"Product {str(body.get('id'))[:80]!r} cannot be stored ({error}).",
            "Use a short id, finite numbers, booleans, and texts that are valid Unicode.",
        ) from error
    return encoded


def digest_of(body: bytes) -> bytes:
    return blake2b(body, digest_size=16).digest()


def bodies_query(dialect: str, ids: Sequence[str]) -> tuple[str, tuple[Any, ...]]:
    """The statement that gives ids and bodies of the products that exist; all ids are one parameter of it."""
    if dialect == "sqlite":
        query = "SELECT id, body FROM products WHERE id IN (SELECT value FROM json_each(?)) AND body IS NOT NULL"
        return query, (orjson.dumps(_askable(ids)).decode(),)
    return "SELECT id, body FROM products WHERE id = ANY(%s) AND body IS NOT NULL", (list(_askable(ids)),)


def ids_query(dialect: str, ids: Sequence[str]) -> tuple[str, tuple[Any, ...]]:
    """The statement that gives those of the ids that products have."""
    query, parameters = bodies_query(dialect, ids)
    return query.replace("SELECT id, body", "SELECT id"), parameters


def _askable(ids: Sequence[str]) -> Sequence[str]:
    """The ids without those that no product can have and that a driver would refuse: NUL and lone surrogates."""
    together = "".join(ids)
    if "\0" not in together and (together.isascii() or together.encode(errors="ignore").decode() == together):
        return ids
    return [id_ for id_ in ids if "\0" not in id_ and id_.encode(errors="ignore").decode() == id_]


def _has_null(value: object) -> bool:
    """Whether a null is inside; JSON has no other way to write NaN, and `to_json` writes no None."""
    if isinstance(value, dict):
        return any(map(_has_null, value.values()))
    return value is None or (isinstance(value, list) and any(map(_has_null, value)))


def _is_same(known: Known | None, digest: bytes) -> bool:
    return known is not None and known.digest == digest


def _lock_counter(connection: Connection) -> int:
    query = select(counters.c.value).where(counters.c.name == SEQ).with_for_update()
    return int(connection.execute(query).scalar_one())


def _upsert_statement(dialect: str) -> Any:
    insert = sqlite.insert(products) if dialect == "sqlite" else postgresql.insert(products)
    replaced = {name: insert.excluded[name] for name in ("seq", "content_seq", "digest", "body")}
    return insert.on_conflict_do_update(index_elements=["id"], set_=replaced)
