"""Figures by day; what is there already is counted lot by lot, or at once by `firstline recount`."""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema.columns import AT_ONCE, Moment

revision = "0027"
down_revision = "0023"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNTED = ("tickets", "ratings", "outcomes")


def moments(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, Moment) for name in names]


def partial(name: str, table: str, column: str) -> None:
    which = sa.text(f"{column} IS NOT NULL")
    op.create_index(name, table, [column], sqlite_where=which, postgresql_where=which)


def upgrade() -> None:
    # A version that does not know the column leaves the default: what it adds is counted, too.
    for table in COUNTED:
        op.add_column(table, sa.Column("count_at", Moment, server_default=AT_ONCE))
        partial(f"ix_{table}_count_at", table, "count_at")
    op.create_table(
        "ticket_figures",
        sa.Column("ticket_id", ID, sa.ForeignKey("tickets.id"), primary_key=True, autoincrement=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("language", "channel", "target")),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("responded_at", Moment),
        sa.Column("response_seconds", sa.Integer),
        sa.Column("response_met", sa.Boolean),
        sa.Column("resolved_at", Moment),
        sa.Column("resolution_seconds", sa.Integer),
        sa.Column("resolution_met", sa.Boolean),
        *moments("withdrawn_at", "reopened_at", "rated_at"),
        sa.Column("mark", sa.Integer),
    )
    for name in ("opened_at", "responded_at", "resolved_at"):
        op.create_index(f"ix_ticket_figures_{name}", "ticket_figures", [name])
    for name in ("withdrawn_at", "reopened_at", "rated_at"):
        partial(f"ix_ticket_figures_{name}", "ticket_figures", name)
    op.create_table(
        "day_figures",
        sa.Column("dimension", sa.Text, primary_key=True),
        sa.Column("queue", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("value", "figure")),
        sa.Column("bucket", sa.Integer, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
