"""Which message an utterance was, and the edits and deletions that came before their message."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("utterances", sa.Column("message", sa.Text(), server_default="", nullable=False))
    op.create_index("ix_utterances_message", "utterances", ["message", "conversation_id"])
    op.create_table(
        "changed_messages",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("text_id", ID, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["text_id"], ["texts.id"], name=op.f("fk_changed_messages_text_id_texts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changed_messages")),
        sa.UniqueConstraint("place", "message", name=op.f("uq_changed_messages_place")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_changed_messages_at", "changed_messages", ["at"])
