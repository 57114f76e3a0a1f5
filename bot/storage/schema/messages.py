"""The tables of what we post, and of what goes between an employee and the rooms."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from bot.storage.schema.columns import Id, Moment, metadata, own_id, partial_index, table, to

outbox = table(
    "outbox",
    own_id(),
    to("conversations", "conversation_id"),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    to("texts", "text_id", null=True),
    to("tickets", "ticket_id", null=True),
    # The earlier post whose message this one changes.
    to("outbox", "revises_id", null=True),
    # It is to be taken away, or never to be posted.
    Column("removed", Boolean, nullable=False, server_default=false()),
    # A mark to be put on somebody's message, and that message.
    Column("mark", Text, nullable=False, server_default=""),
    Column("mark_of", Text, nullable=False, server_default=""),
    # No foreign key: SQLite would have to write the whole table anew to add one.
    Column("file_id", Id),
    Column("private_to", Text, nullable=False, server_default=""),
    Column("status", Text, nullable=False, server_default="waiting"),
    Column("due_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text, nullable=False, server_default=""),
    Column("receipt", Text, nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    Column("settled_at", Moment),
    # The trace of the event that it follows from, as W3C's `traceparent`.
    Column("trace", Text, nullable=False, server_default=""),
    UniqueConstraint("conversation_id", "number"),
    partial_index("status = 'waiting'", "ix_outbox_waiting", "conversation_id", "number"),
    partial_index("status = 'dead'", "ix_outbox_dead", "id"),
    partial_index("revises_id IS NOT NULL", "ix_outbox_revises_id", "revises_id"),
    CheckConstraint("kind IN ('reply','card','home')", name="kind"),
    CheckConstraint("status IN ('waiting','sent','dead','superseded')", name="status"),
)


# Posts with buttons that name a ticket, or hang on it: they are taken off when they would be refused.
pressables = Table(
    "pressables",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True),
    Column("post_id", Id, ForeignKey("outbox.id"), primary_key=True),
    Index("ix_pressables_post_id", "post_id"),
)


# What was written in a ticket's conversation; where it goes is settled at its first receipt.
relays = table(
    "relays",
    own_id(),
    to("tickets", "ticket_id"),
    to("conversations", "conversation_id"),
    # The platform's id of the message.
    Column("message", Text, nullable=False),
    to("people", "author_id", null=True),
    Column("course", Text, nullable=False),
    to("texts", "text_id"),
    # The outbox row of its mark.
    Column("mark_id", Id),
    Column("gone", Boolean, nullable=False, server_default=false()),
    Column("at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    UniqueConstraint("conversation_id", "message"),
    Index("ix_relays_message", "message"),
    Index("ix_relays_text_id", "text_id"),
    Index("ix_relays_ticket_id", "ticket_id", "id"),
    Index("ix_relays_mark_id", "mark_id"),
    CheckConstraint("course IN ('sent','note','room','asked')", name="course"),
)


# Our posts that carry it to others.
relay_posts = Table(
    "relay_posts",
    metadata,
    Column("outbox_id", Id, ForeignKey("outbox.id"), primary_key=True),
    Column("relay_id", Id, ForeignKey("relays.id"), nullable=False),
    Column("to_employee", Boolean, nullable=False),
    Index("ix_relay_posts_relay_id", "relay_id"),
)


# Files on their way; the body is there from the first delivery until it expires.
files = table(
    "files",
    own_id(),
    to("relays", "relay_id"),
    Column("channel", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("body", LargeBinary),
    Column("expires_at", Moment, nullable=False),
    Index("ix_files_relay_id", "relay_id"),
    partial_index("body IS NOT NULL", "ix_files_expires_at", "expires_at"),
)
