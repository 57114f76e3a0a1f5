"""The tables of shadow mode."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, Table, Text

from bot.storage.schema.columns import Id, Moment, metadata

shadow_verdicts = Table(
    "shadow_verdicts",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True, autoincrement=False),
    Column("decision_id", Id, ForeignKey("decisions.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    # The first `shown` candidates would have been answered or offered.
    Column("candidates", JSON, nullable=False),
    Column("shown", Integer, nullable=False),
    # The target that would have helped; empty: none; NULL: nobody said.
    Column("named", Text),
    Column("named_by_id", Id, ForeignKey("people.id")),
    Column("named_at", Moment),
    Index("ix_shadow_verdicts_at", "at"),
)
