"""The schema as SQLAlchemy Core tables. The migrations make them; this is what queries are written against."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData()

products = Table(
    "products",
    metadata,
    Column("id", String(256), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("content_seq", BigInteger, nullable=False),
    Column("digest", LargeBinary(16), nullable=True),
    Column("body", Text, nullable=True),
    Index("products_by_seq", "seq", unique=True),
)
"""One row a product, kept as a tombstone (null body) after deletion so that the change feed can tell of it.

`seq` is the number of the row's last change, `content_seq` that of the last one beyond price, stock and the like;
`body` is the product as JSON, `digest` the BLAKE2b of it.
"""

counters = Table(
    "counters",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", BigInteger, nullable=False),
)
"""`products.seq`: the last change number given out; `products.live`: how many products are not deleted; `events.seq`:
the last number given to an event; `events.judged`: the last event that was looked at for bots."""

tasks = Table(
    "tasks",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=True),
    Column("finished_at", DateTime(timezone=True), nullable=True),
    Column("detail", Text, nullable=False),
    Index("tasks_by_status", "status", "created_at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("prefix", String(16), nullable=False, unique=True),
    Column("hash", LargeBinary(32), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True), nullable=True),
)

meta = Table(
    "meta",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("value", Text, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("id", String(128), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("shopper", String(32), nullable=False),
    Column("session", String(32), nullable=False),
    Column("visitor", String(32), nullable=False),
    Column("query_id", String(128), nullable=False),
    Column("query", String(1024), nullable=False),
    Column("product_id", String(256), nullable=False),
    Column("position", Integer, nullable=True),
    Column("price", Double, nullable=True),
    Column("currency", String(3), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("seconds", Double, nullable=True),
    Column("source", String(16), nullable=False),
    Column("placement", String(128), nullable=False),
    Column("campaign", String(128), nullable=False),
    Column("known", Boolean, nullable=False),
    Column("mark", String(16), nullable=False),
    Index("events_by_id", "id", unique=True),
    Index("events_by_time", "time"),
    Index("events_by_visitor", "visitor", "time"),
    Index(
        "events_of_unknown_products",
        "product_id",
        sqlite_where=text("known = 0"),
        postgresql_where=text("NOT known"),
    ),
)
"""One row an event, numbered in the order of storage; `time` is in milliseconds since 1970.

`shopper` and `session` are pseudonyms; `visitor` is the shopper, else the session, for the index. `known` is false while the catalogue lacks the product; an event whose product
appears is numbered anew. `mark` says why the event is not a person's, "" where nothing speaks against it.
"""

erasures = Table(
    "erasures",
    metadata,
    Column("shopper", String(32), primary_key=True),
    Column("time", BigInteger, nullable=False),
)
"""Shoppers (pseudonyms) whose events were erased, and when: what is from before and sent again is not stored."""
