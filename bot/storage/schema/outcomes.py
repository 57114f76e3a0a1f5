"""The tables of what became of questions; ids and codes alone, so that they outlive everybody's words."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text

from bot.storage.schema.columns import AT_ONCE, Id, Moment, metadata, partial_index

# Entered when the window of an episode closes, and never changed, except that it is counted.
outcomes = Table(
    "outcomes",
    metadata,
    Column("episode_id", Id, ForeignKey("episodes.id"), primary_key=True, autoincrement=False),
    Column("outcome", Text, nullable=False),
    Column("target", Text, nullable=False),
    # Whether the same person came back with the same, or with a ticket.
    Column("again", Boolean, nullable=False),
    Column("channel", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("closed_at", Moment, nullable=False),
    # When the figures look at it; empty once it is counted.
    Column("count_at", Moment, server_default=AT_ONCE),
    partial_index("count_at IS NOT NULL", "ix_outcomes_count_at", "count_at"),
    Index("ix_outcomes_asked_at", "asked_at", "outcome", "again"),
)

# What was shown in these episodes.
shown_targets = Table(
    "shown_targets",
    metadata,
    Column("episode_id", Id, ForeignKey("episodes.id"), primary_key=True, autoincrement=False),
    Column("target", Text, primary_key=True),
    Column("shown_at", Moment, nullable=False),
    Column("chosen", Boolean, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("again", Boolean, nullable=False),
    Index("ix_shown_targets_shown_at", "shown_at", "target"),
    Index("ix_shown_targets_target", "target", "shown_at"),
)
