"""Examples that are proposed of people's questions, who approved them, and who took them back."""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema.columns import Moment

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "learned_examples",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("episode_id", ID, sa.ForeignKey("episodes.id"), nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("confirmed", sa.Text, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("list", sa.Integer, nullable=False),
        sa.Column("measure", sa.JSON, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("proposed_at", Moment, nullable=False),
        sa.Column("approved_at", Moment),
        sa.Column("approved_by", sa.Text, nullable=False, server_default=""),
        sa.Column("taken_back_at", Moment),
        sa.Column("taken_back_by", sa.Text, nullable=False, server_default=""),
        sa.UniqueConstraint("episode_id", "target"),
        sa.CheckConstraint("status IN ('proposed','approved','taken_back')", name="status"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_learned_examples_status", "learned_examples", ["status", "id"])
