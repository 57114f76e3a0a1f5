"""The table of tickets in systems that are mirrored both ways."""

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKey, Integer, Table, Text

from bot.storage.schema.columns import Id, Moment, metadata, partial_index

# The ticket has its id there in the conversation's anchor, its comments in relays and in receipts of posts.
mirrors = Table(
    "mirrors",
    metadata,
    Column("conversation_id", Id, ForeignKey("conversations.id"), primary_key=True),
    # By field: the value on which both sides agreed last.
    Column("agreed", JSON, nullable=False, server_default="{}"),
    # Of what was read last; it never falls.
    Column("version", BigInteger, nullable=False, server_default="0"),
    Column("state", Text, nullable=False, server_default="open"),
    Column("seen_at", Moment),
    # How often it was said that something changed there, and when it is to be read.
    Column("hints", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("due_at", Moment),
    partial_index("due_at IS NOT NULL", "ix_mirrors_due_at", "due_at"),
    CheckConstraint("state IN ('open','final','gone')", name="state"),
)
