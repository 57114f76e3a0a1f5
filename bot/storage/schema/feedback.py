"""Tables of what people say of answers and tickets, and of the examples that were learned from it."""

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from bot.storage.schema.columns import AT_ONCE, Id, Moment, metadata, partial_index

ratings = Table(
    "ratings",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    # The outbox row of the message that asks.
    Column("post_id", Id, ForeignKey("outbox.id"), nullable=False),
    Column("mark", Integer),
    Column("comment_id", Id, ForeignKey("texts.id")),
    Column("asked_at", Moment, nullable=False),
    Column("answered_at", Moment),
    # When the figures look at its ticket for it; empty once it is counted.
    Column("count_at", Moment, server_default=AT_ONCE, onupdate=AT_ONCE),
    partial_index("count_at IS NOT NULL", "ix_ratings_count_at", "count_at"),
    Index("ix_ratings_ticket_id", "ticket_id", "id"),
    Index("ix_ratings_post_id", "post_id"),
    # The mean of the last days is read from the index alone.
    Index("ix_ratings_answered_at", "answered_at", "mark"),
    CheckConstraint("mark BETWEEN 1 AND 5", name="mark"),
    CheckConstraint("comment_id IS NULL OR mark IS NOT NULL", name="comment"),
    sqlite_autoincrement=True,
)

ticket_fields = Table(
    "ticket_fields",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("key", Text, nullable=False),
    # As it was put to the employee, in their language: content, not what somebody wrote.
    Column("question", Text, nullable=False),
    # The outbox row of the newest message that asks it.
    Column("post_id", Id, ForeignKey("outbox.id"), nullable=False),
    Column("text_id", Id, ForeignKey("texts.id")),
    Column("asked_at", Moment, nullable=False),
    Column("answered_at", Moment),
    UniqueConstraint("ticket_id", "key"),
    Index("ix_ticket_fields_post_id", "post_id"),
    sqlite_autoincrement=True,
)

# What employees said of answers, by the episode and what was shown in it: their last word.
verdicts = Table(
    "verdicts",
    metadata,
    Column("episode_id", Id, ForeignKey("episodes.id"), primary_key=True, autoincrement=False),
    Column("target", Text, primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("at", Moment, nullable=False),
    CheckConstraint("verdict IN ('solved','not_helpful')", name="verdict"),
)

# What judged answers say of each promise that was made: one row for its settings and labelled questions.
promises = Table(
    "promises",
    metadata,
    Column("key", Text, primary_key=True),
    Column("judged", Integer, nullable=False),
    Column("wrong", Integer, nullable=False),
    Column("winnings", JSON, nullable=False),
    Column("closed_at", Moment),
    # When the rooms were told that it is closed.
    Column("told_at", Moment),
)

# Examples that were proposed of people's questions, and what was decided on them; no words, only their hash.
learned_examples = Table(
    "learned_examples",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("episode_id", Id, ForeignKey("episodes.id"), nullable=False),
    Column("target", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("confirmed", Text, nullable=False),
    Column("people", Integer, nullable=False),
    # The list on which it was shown, and what its target's examples change.
    Column("list", Integer, nullable=False),
    Column("measure", JSON, nullable=False),
    Column("status", Text, nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Column("approved_at", Moment),
    Column("approved_by", Text, nullable=False, server_default=""),
    Column("taken_back_at", Moment),
    Column("taken_back_by", Text, nullable=False, server_default=""),
    UniqueConstraint("episode_id", "target"),
    Index("ix_learned_examples_status", "status", "id"),
    CheckConstraint("status IN ('proposed','approved','taken_back')", name="status"),
    sqlite_autoincrement=True,
)
