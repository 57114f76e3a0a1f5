"""Rosters of several rooms, due times of tickets, and when the desk looks at a ticket next."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rosters_by_room()
    due_times()
    op.create_table(
        "summaries",
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("queue", "day", name=op.f("pk_summaries")),
    )


def due_times() -> None:
    """What is live already is looked at soon; it was promised no time, so it has none that could be missed."""
    for name in ("first_response_due", "resolution_due", "responded_at", "look_at"):
        op.add_column("tickets", sa.Column(name, sa.DateTime(timezone=True)))
    op.add_column("tickets", sa.Column("timed_for", sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE tickets SET responded_at = claimed_at")
    op.execute("UPDATE tickets SET look_at = opened_at WHERE status IN ('open', 'claimed')")
    due = sa.text("look_at IS NOT NULL")
    op.create_index("ix_tickets_look_at", "tickets", ["look_at"], sqlite_where=due, postgresql_where=due)


def rosters_by_room() -> None:
    """Give each room of a channel a roster of its own."""
    # Made anew: SQLite cannot change a primary key.
    op.rename_table("rosters", "rosters_before")
    op.rename_table("roster_members", "roster_members_before")
    if op.get_bind().dialect.name == "postgresql":
        for table in ("rosters", "roster_members"):
            op.execute(f"ALTER INDEX pk_{table} RENAME TO pk_{table}_before")
    op.create_table(
        "rosters",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", "room", name=op.f("pk_rosters")),
    )
    op.create_table(
        "roster_members",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("channel", "room", "tenant", "external_id", name=op.f("pk_roster_members")),
    )
    op.execute("INSERT INTO rosters SELECT channel, room, refreshed_at FROM rosters_before")
    op.execute(
        "INSERT INTO roster_members SELECT m.channel, r.room, m.tenant, m.external_id, m.name "
        "FROM roster_members_before m JOIN rosters_before r ON r.channel = m.channel"
    )
    op.drop_table("roster_members_before")
    op.drop_table("rosters_before")
