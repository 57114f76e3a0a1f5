"""Messages between an employee and the rooms, their files, and what was taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    create_relays()
    create_relay_posts()
    create_files()
    op.add_column("tickets", sa.Column("notes_only", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("outbox", sa.Column("removed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("outbox", sa.Column("mark", sa.Text(), server_default="", nullable=False))
    op.add_column("outbox", sa.Column("mark_of", sa.Text(), server_default="", nullable=False))
    op.add_column("outbox", sa.Column("file_id", ID, nullable=True))
    op.create_index(
        "ix_outbox_revises_id",
        "outbox",
        ["revises_id"],
        unique=False,
        sqlite_where=sa.text("revises_id IS NOT NULL"),
        postgresql_where=sa.text("revises_id IS NOT NULL"),
    )


def create_relays() -> None:
    op.create_table(
        "relays",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("author_id", ID, nullable=True),
        sa.Column("course", sa.Text(), nullable=False),
        sa.Column("text_id", ID, nullable=False),
        sa.Column("mark_id", ID, nullable=True),
        sa.Column("gone", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("course IN ('sent','note','room','asked')", name=op.f("ck_relays_course")),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_relays_author_id_people")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_relays_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["text_id"], ["texts.id"], name=op.f("fk_relays_text_id_texts")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_relays_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relays")),
        sa.UniqueConstraint("conversation_id", "message", name=op.f("uq_relays_conversation_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("relays", schema=None) as batch_op:
        batch_op.create_index("ix_relays_message", ["message"], unique=False)
        batch_op.create_index("ix_relays_text_id", ["text_id"], unique=False)
        batch_op.create_index("ix_relays_ticket_id", ["ticket_id", "id"], unique=False)


def create_relay_posts() -> None:
    op.create_table(
        "relay_posts",
        sa.Column("outbox_id", ID, nullable=False),
        sa.Column("relay_id", ID, nullable=False),
        sa.Column("to_employee", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_relay_posts_outbox_id_outbox")),
        sa.ForeignKeyConstraint(["relay_id"], ["relays.id"], name=op.f("fk_relay_posts_relay_id_relays")),
        sa.PrimaryKeyConstraint("outbox_id", name=op.f("pk_relay_posts")),
    )
    with op.batch_alter_table("relay_posts", schema=None) as batch_op:
        batch_op.create_index("ix_relay_posts_relay_id", ["relay_id"], unique=False)


def create_files() -> None:
    op.create_table(
        "files",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("relay_id", ID, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["relay_id"], ["relays.id"], name=op.f("fk_files_relay_id_relays")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.create_index("ix_files_relay_id", ["relay_id"], unique=False)
        batch_op.create_index(
            "ix_files_expires_at",
            ["expires_at"],
            unique=False,
            sqlite_where=sa.text("body IS NOT NULL"),
            postgresql_where=sa.text("body IS NOT NULL"),
        )
