"""The tables of figures: what counts of each ticket, and sums by day; ids, codes and counts alone."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text

from bot.storage.schema.columns import Id, Moment, metadata, partial_index

# What counts of a ticket as it was counted last: the sums hold exactly these, and lists are read from here.
ticket_figures = Table(
    "ticket_figures",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True, autoincrement=False),
    Column("queue", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("language", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("responded_at", Moment),
    # Business time.
    Column("response_seconds", Integer),
    Column("response_met", Boolean),
    Column("resolved_at", Moment),
    Column("resolution_seconds", Integer),
    Column("resolution_met", Boolean),
    Column("withdrawn_at", Moment),
    Column("reopened_at", Moment),
    Column("rated_at", Moment),
    Column("mark", Integer),
    Index("ix_ticket_figures_opened_at", "opened_at"),
    Index("ix_ticket_figures_responded_at", "responded_at"),
    Index("ix_ticket_figures_resolved_at", "resolved_at"),
    partial_index("withdrawn_at IS NOT NULL", "ix_ticket_figures_withdrawn_at", "withdrawn_at"),
    partial_index("reopened_at IS NOT NULL", "ix_ticket_figures_reopened_at", "reopened_at"),
    partial_index("rated_at IS NOT NULL", "ix_ticket_figures_rated_at", "rated_at"),
)

# How many by day in UTC, parted by one dimension for all queues (`*`) and for each. There is no index by day
# alone: a page reads one dimension of some days, and would go through all of them.
day_figures = Table(
    "day_figures",
    metadata,
    Column("dimension", Text, primary_key=True),
    Column("queue", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("figure", Text, primary_key=True),
    Column("bucket", Integer, primary_key=True),
    Column("count", Integer, nullable=False),
    sqlite_with_rowid=False,
)
