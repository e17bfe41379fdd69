"""Campaigns, what was shown, clicked and ordered through them, and what was spent."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ad_campaigns",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("advertiser", sa.String(200), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    _ledger()
    _shown()
    op.create_table(
        "ad_orders",
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column("click_id", sa.String(128), nullable=False),
        sa.Column("campaign_id", sa.String(64), nullable=False),
        sa.Column("keyword", sa.String(200), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("revenue", sa.BigInteger, nullable=False),
    )
    op.create_index("ad_orders_by_campaign", "ad_orders", ["campaign_id", "day"])


def _ledger() -> None:
    op.create_table(
        "ad_spend",
        sa.Column("campaign_id", sa.String(64), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("billed", sa.BigInteger, nullable=False),
        sa.Column("reserved", sa.BigInteger, nullable=False),
    )
    op.create_index("ad_spend_by_day", "ad_spend", ["day"])
    op.create_table(
        "ad_clicks",
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column("campaign_id", sa.String(64), nullable=False),
        sa.Column("product_id", sa.String(256), nullable=False),
        sa.Column("keyword", sa.String(200), nullable=False),
        sa.Column("served", sa.String(64), nullable=False),
        sa.Column("visitor", sa.String(128), nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
    )
    op.create_index("ad_clicks_by_campaign", "ad_clicks", ["campaign_id", "day"])
    op.create_index("ad_clicks_by_visitor", "ad_clicks", ["visitor", "time"])
    op.create_index("ad_clicks_by_served", "ad_clicks", ["served"])
    op.create_index("ad_clicks_by_state", "ad_clicks", ["state", "time"])


def _shown() -> None:
    op.create_table(
        "ad_impressions",
        sa.Column("campaign_id", sa.String(64), primary_key=True),
        sa.Column("keyword", sa.String(200), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "ad_exposures",
        sa.Column("shopper", sa.String(64), primary_key=True),
        sa.Column("campaign_id", sa.String(64), primary_key=True),
        sa.Column("hour", sa.BigInteger, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
    op.create_index("ad_exposures_by_hour", "ad_exposures", ["hour"])
