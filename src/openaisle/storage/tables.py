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
        sqlite_where=text("NOT known"),
        postgresql_where=text("NOT known"),
    ),
)
"""One row an event, numbered in the order of storage; `time` is in milliseconds since 1970.

`shopper` and `session` are pseudonyms; `visitor` is the shopper, else the session, to find either by one index. `known`
is false while the catalogue lacks the product; an event whose product appears is numbered anew. `mark` says why the
event is not a person's, "" where nothing speaks against it.
"""

erasures = Table(
    "erasures",
    metadata,
    Column("visitor", String(32), primary_key=True),
    Column("time", BigInteger, nullable=False),
)
"""Shoppers and sessions (pseudonyms) whose events were erased, and when: none from before is taken again."""

profile_refusals = Table(
    "profile_refusals",
    metadata,
    Column("visitor", String(32), primary_key=True),
    Column("time", BigInteger, nullable=False),
)
"""Shoppers and sessions (pseudonyms) who said no to a profile, and when (milliseconds since 1970)."""

ad_campaigns = Table(
    "ad_campaigns",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("advertiser", String(200), nullable=False),
    Column("status", String(16), nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)
"""`body` is the campaign as JSON, with amounts as decimal text. Nothing but the status ever changes."""

ad_spend = Table(
    "ad_spend",
    metadata,
    Column("campaign_id", String(64), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("billed", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Index("ad_spend_by_day", "day"),
)
"""Minor units by campaign and day; the row whose day is "" holds the campaign's whole."""

ad_clicks = Table(
    "ad_clicks",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("campaign_id", String(64), nullable=False),
    Column("product_id", String(256), nullable=False),
    Column("keyword", String(200), nullable=False),
    Column("served", String(64), nullable=False),
    Column("visitor", String(128), nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("day", String(10), nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(16), nullable=False),
    Index("ad_clicks_by_campaign", "campaign_id", "day"),
    Index("ad_clicks_by_visitor", "visitor", "time"),
    Index("ad_clicks_by_served", "served"),
    Index("ad_clicks_by_state", "state", "time"),
)
"""One row a click on an ad, whatever became of it. `price` is the auction's, `amount` what is or would be billed;
`served` is the showing that was clicked; `reason` says why a click costs nothing."""

ad_impressions = Table(
    "ad_impressions",
    metadata,
    Column("campaign_id", String(64), primary_key=True),
    Column("keyword", String(200), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("count", BigInteger, nullable=False),
)

ad_exposures = Table(
    "ad_exposures",
    metadata,
    Column("shopper", String(64), primary_key=True),
    Column("campaign_id", String(64), primary_key=True),
    Column("hour", BigInteger, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Index("ad_exposures_by_hour", "hour"),
)
"""How often a shopper saw a campaign in an hour (hours since 1970), for frequency caps."""

ad_orders = Table(
    "ad_orders",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("click_id", String(128), nullable=False),
    Column("campaign_id", String(64), nullable=False),
    Column("keyword", String(200), nullable=False),
    Column("day", String(10), nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("revenue", BigInteger, nullable=False),
    Index("ad_orders_by_campaign", "campaign_id", "day"),
)
"""Orders that followed a billed click on the ordered product; `revenue` in minor units."""
