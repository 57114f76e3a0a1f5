"""Clusters of like tickets, for which the card of one stands."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CLUSTERED = sa.text("cluster_id IS NOT NULL")
SHOWN = sa.text("status = 'open' AND cluster_id IS NULL AND outage_id IS NULL")


def upgrade() -> None:
    op.create_table(
        "clusters",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("lead_id", ID, nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spread", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("raise_to", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["tickets.id"], name=op.f("fk_clusters_lead_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clusters")),
        sa.UniqueConstraint("lead_id", name=op.f("uq_clusters_lead_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_clusters_queue", "clusters", ["queue", "target", "last_at"])
    op.add_column("tickets", sa.Column("cluster_id", ID, nullable=True))
    op.create_index(
        "ix_tickets_cluster_id",
        "tickets",
        ["cluster_id", "outage_id", "id"],
        sqlite_where=CLUSTERED,
        postgresql_where=CLUSTERED,
    )
    op.create_index(
        "ix_tickets_shown",
        "tickets",
        ["queue", "target", "opened_at"],
        sqlite_where=SHOWN,
        postgresql_where=SHOWN,
    )
