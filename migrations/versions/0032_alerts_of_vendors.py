"""Severity of an alert, when it was last spoken of, and when it is over by itself."""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema.columns import Moment

revision = "0032"
down_revision = "0029"
branch_labels = None
depends_on = None

EXPIRES = "ended_at IS NULL AND until IS NOT NULL"


def upgrade() -> None:
    # A version that does not know the columns leaves them empty: such an alert lasts until its end is told.
    op.add_column("alerts", sa.Column("severity", sa.Text))
    op.add_column("alerts", sa.Column("heard_at", Moment))
    op.add_column("alerts", sa.Column("until", Moment))
    op.create_index(
        "ix_alerts_until",
        "alerts",
        ["until"],
        sqlite_where=sa.text(EXPIRES),
        postgresql_where=sa.text(EXPIRES),
    )
