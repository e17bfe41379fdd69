"""What shoppers did, and whose events were erased."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _events()
    op.create_table(
        "erasures",
        sa.Column("visitor", sa.String(32), primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
    )
    counters = sa.table("counters", sa.column("name", sa.String), sa.column("value", sa.BigInteger))
    op.bulk_insert(counters, [{"name": "events.seq", "value": 0}, {"name": "events.judged", "value": 0}])


def _events() -> None:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite then keeps the rows in this order
    op.create_table(
        "events",
        sa.Column("seq", number, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("shopper", sa.String(32), nullable=False),
        sa.Column("session", sa.String(32), nullable=False),
        sa.Column("visitor", sa.String(32), nullable=False),
        sa.Column("query_id", sa.String(128), nullable=False),
        sa.Column("query", sa.String(1024), nullable=False),
        sa.Column("product_id", sa.String(256), nullable=False),
        sa.Column("position", sa.Integer, nullable=True),
        sa.Column("price", sa.Double, nullable=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Double, nullable=True),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("placement", sa.String(128), nullable=False),
        sa.Column("campaign", sa.String(128), nullable=False),
        sa.Column("known", sa.Boolean, nullable=False),
        sa.Column("mark", sa.String(16), nullable=False),
    )
    op.create_index("events_by_id", "events", ["id"], unique=True)
    op.create_index("events_by_time", "events", ["time"])
    op.create_index("events_by_visitor", "events", ["visitor", "time"])
    op.create_index(
        "events_of_unknown_products",
        "events",
        ["product_id"],
        sqlite_where=sa.text("NOT known"),
        postgresql_where=sa.text("NOT known"),
    )
