"""Merged and linked tickets, known outages, alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
LASTS = sa.text("ended_at IS NULL")
UNSETTLED = sa.text("ended_at IS NOT NULL AND settled_at IS NULL")


def _to(table: str, of: str, name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_{of}_{name}_{table}"))


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    create_outages()
    create_alerts()
    create_signs_and_links()
    widen_tickets()


def create_outages() -> None:
    op.create_table(
        "outages",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title_id", ID, nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("question_id", ID, nullable=True),
        sa.Column("closing_id", ID, nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("started_by_id", ID, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by_id", ID, nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("size", sa.Integer(), server_default="0", nullable=False),
        *(_to("texts", "outages", name) for name in ("title_id", "question_id", "closing_id")),
        *(_to("people", "outages", name) for name in ("started_by_id", "ended_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outages")),
        sa.UniqueConstraint("token", name=op.f("uq_outages_token")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outages_key", "outages", ["key"], unique=True, sqlite_where=LASTS, postgresql_where=LASTS
    )
    op.create_index(
        "ix_outages_unsettled", "outages", ["id"], sqlite_where=UNSETTLED, postgresql_where=UNSETTLED
    )
    op.create_table(
        "outage_notices",
        sa.Column("outage_id", ID, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text_id", ID, nullable=False),
        _to("outages", "outage_notices", "outage_id"),
        _to("texts", "outage_notices", "text_id"),
        sa.PrimaryKeyConstraint("outage_id", "language", name=op.f("pk_outage_notices")),
    )


def create_alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title_id", ID, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("outage_id", ID, nullable=True),
        _to("texts", "alerts", "title_id"),
        _to("outages", "alerts", "outage_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("token", name=op.f("uq_alerts_token")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_alerts_lasting",
        "alerts",
        ["source", "key"],
        unique=True,
        sqlite_where=LASTS,
        postgresql_where=LASTS,
    )
    op.create_index("ix_alerts_source", "alerts", ["source", "key", "id"])


def create_signs_and_links() -> None:
    op.create_table(
        "signs",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("post_id", ID, nullable=False),
        _to("conversations", "signs", "conversation_id"),
        _to("outbox", "signs", "post_id"),
        sa.PrimaryKeyConstraint("subject", "conversation_id", name=op.f("pk_signs")),
    )
    op.create_index("ix_signs_conversation_id", "signs", ["conversation_id"])
    op.create_table(
        "ticket_links",
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("other_id", ID, nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
        _to("tickets", "ticket_links", "ticket_id"),
        _to("tickets", "ticket_links", "other_id"),
        sa.PrimaryKeyConstraint("ticket_id", "other_id", name=op.f("pk_ticket_links")),
        sa.CheckConstraint("ticket_id < other_id", name=op.f("ck_ticket_links_order")),
    )
    op.create_index("ix_ticket_links_other_id", "ticket_links", ["other_id"])


def widen_tickets() -> None:
    """New columns only: nothing of the tickets that are there is rewritten."""
    for name in ("target", "why"):
        op.add_column("tickets", sa.Column(name, sa.Text(), server_default="", nullable=False))
    integer = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    for name, table in (("merged_into_id", "tickets"), ("outage_id", "outages")):
        # SQLite takes a foreign key of a new column in this place only.
        op.execute(
            f"ALTER TABLE tickets ADD COLUMN {name} {integer} "
            f"CONSTRAINT fk_tickets_{name}_{table} REFERENCES {table} (id)"
        )
    _index("ix_tickets_target", "tickets", ["target", "opened_at"], "target <> ''")
    _index("ix_tickets_merged_into_id", "tickets", ["merged_into_id"], "merged_into_id IS NOT NULL")
    _index("ix_tickets_outage_id", "tickets", ["outage_id", "status", "id"], "outage_id IS NOT NULL")
    op.add_column("cards", sa.Column("left_at", MOMENT, nullable=True))
    op.add_column("roster_members", sa.Column("name", sa.Text(), server_default="", nullable=False))
    op.create_index("ix_identities_external_id", "identities", ["external_id"])
