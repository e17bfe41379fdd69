"""The schema as SQLAlchemy Core tables. The migrations make them; this is what queries are written against."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
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
"""`products.seq`: the last change number given out; `products.live`: how many products are not deleted."""

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
