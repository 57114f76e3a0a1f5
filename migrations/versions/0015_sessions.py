"""Who is signed in to the page, by the hashes of the sessions' keys."""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema.columns import Moment

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("key_hash", sa.Text, primary_key=True),
        sa.Column("grant_hash", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("ended_at", Moment),
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
