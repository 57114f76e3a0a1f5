"""What is known of tickets in systems that are mirrored both ways."""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema.columns import Id, Moment

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

DUE = "due_at IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "mirrors",
        sa.Column("conversation_id", Id, sa.ForeignKey("conversations.id"), primary_key=True),
        sa.Column("agreed", sa.JSON, nullable=False, server_default="{}"),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("state", sa.Text, nullable=False, server_default="open"),
        sa.Column("seen_at", Moment),
        sa.Column("hints", sa.Integer, nullable=False, server_default="0"),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("due_at", Moment),
        sa.CheckConstraint("state IN ('open','final','gone')", name="state"),
    )
    op.create_index(
        "ix_mirrors_due_at", "mirrors", ["due_at"], sqlite_where=sa.text(DUE), postgresql_where=sa.text(DUE)
    )
