"""What an employee is asked: how it went, and details of a ticket."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    create_ratings()
    create_ticket_fields()


def create_ratings() -> None:
    op.create_table(
        "ratings",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("post_id", ID, nullable=False),
        sa.Column("mark", sa.Integer(), nullable=True),
        sa.Column("comment_id", ID, nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("mark BETWEEN 1 AND 5", name=op.f("ck_ratings_mark")),
        sa.CheckConstraint("comment_id IS NULL OR mark IS NOT NULL", name=op.f("ck_ratings_comment")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ratings_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["post_id"], ["outbox.id"], name=op.f("fk_ratings_post_id_outbox")),
        sa.ForeignKeyConstraint(["comment_id"], ["texts.id"], name=op.f("fk_ratings_comment_id_texts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ratings")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ratings_ticket_id", "ratings", ["ticket_id", "id"])
    op.create_index("ix_ratings_answered_at", "ratings", ["answered_at", "mark"])


def create_ticket_fields() -> None:
    op.create_table(
        "ticket_fields",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("post_id", ID, nullable=False),
        sa.Column("text_id", ID, nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_fields_ticket_id_tickets")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["outbox.id"], name=op.f("fk_ticket_fields_post_id_outbox")),
        sa.ForeignKeyConstraint(["text_id"], ["texts.id"], name=op.f("fk_ticket_fields_text_id_texts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_fields")),
        sa.UniqueConstraint("ticket_id", "key", name=op.f("uq_ticket_fields_ticket_id")),
        sqlite_autoincrement=True,
    )
