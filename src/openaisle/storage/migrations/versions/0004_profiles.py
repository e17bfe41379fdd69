"""Who said no to a profile."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "profile_refusals",
        sa.Column("visitor", sa.String(32), primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
    )
