"""What employees say of answers: that one helped, or that it did not, and why."""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema.columns import Moment

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "verdicts",
        sa.Column("episode_id", ID, sa.ForeignKey("episodes.id"), primary_key=True, autoincrement=False),
        sa.Column("target", sa.Text, primary_key=True),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("at", Moment, nullable=False),
        sa.CheckConstraint("verdict IN ('solved','not_helpful')", name="verdict"),
    )
