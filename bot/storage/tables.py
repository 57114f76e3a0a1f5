"""The tables; `migrations/` makes them, and a test holds both equal."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    literal_column,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware time, in UTC: SQLite drops the zone silently, so it is refused or restored here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQL, not a value: a statement that is compiled by hand must have it, too.
AT_ONCE: Any = literal_column("'2000-01-01 00:00:00.000000'")

# SQLite counts up, and never uses an id again, for INTEGER PRIMARY KEY AUTOINCREMENT only.
Id = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[Any]:
    return Column("id", Id, primary_key=True, autoincrement=True)


def _to(table: str, name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, Id, ForeignKey(f"{table}.id"), nullable=null)


def _table(name: str, *parts: Any) -> Table:
    return Table(name, metadata, *parts, sqlite_autoincrement=True)


def _partial(where: str, name: str, *columns: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


people = _table(
    "people",
    _id(),
    Column("name", Text, nullable=False),
    Column("language", Text),
    Column("created_at", Moment, nullable=False),
)

identities = _table(
    "identities",
    _id(),
    _to("people", "person_id"),
    Column("channel", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    UniqueConstraint("channel", "tenant", "external_id"),
    Index("ix_identities_person_id", "person_id"),
    Index("ix_identities_external_id", "external_id"),
)

conversations = _table(
    "conversations",
    _id(),
    Column("channel", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("space", Text, nullable=False),
    Column("thread", Text, nullable=False),
    Column("anchor", Text, nullable=False, server_default=""),
    Column("private", Boolean, nullable=False),
    Column("next_number", Integer, nullable=False, server_default="1"),
    # When its first waiting post is due; empty when nothing waits.
    Column("due_at", Moment),
    Column("lease", Integer, nullable=False, server_default="0"),
    Column("lease_until", Moment),
    UniqueConstraint("channel", "tenant", "space", "thread"),
    _partial("anchor <> ''", "ix_conversations_anchor", "channel", "tenant", "anchor"),
    _partial("due_at IS NOT NULL", "ix_conversations_due_at", "channel", "due_at"),
)

# A place to which nothing may go before that time: a platform's rate limit, shared by all replicas.
holds = Table(
    "holds",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("tenant", Text, primary_key=True),
    Column("space", Text, primary_key=True),
    Column("until", Moment, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("key", Text, primary_key=True),
    Column("received_at", Moment, nullable=False),
    Column("kind", Text, nullable=False, server_default=""),
    Column("ticket", Text),
    Index("ix_inbox_received_at", "received_at"),
)

texts = _table("texts", _id(), Column("body", Text, nullable=False), Column("erased_at", Moment))

episodes = _table(
    "episodes",
    _id(),
    Column("token", Text, nullable=False, unique=True),
    _to("people", "person_id"),
    _to("conversations", "conversation_id"),
    Column("state", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("asked", Boolean, nullable=False),
    Column("angry", Boolean, nullable=False),
    _to("texts", "question_id"),
    Column("offered", JSON, nullable=False),
    Column("tried", JSON, nullable=False),
    Column("presses", JSON, nullable=False),
    Column("ticket_id", Id),
    # The outbox row of our last post with buttons.
    Column("post_id", Id),
    Column("link", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Index("ix_episodes_conversation_id", "conversation_id"),
    Index("ix_episodes_person_id_last_at", "person_id", "last_at"),
    CheckConstraint("state IN ('asked','choice','answered','solved','ticket','closed')", name="state"),
)

utterances = _table(
    "utterances",
    _id(),
    _to("episodes", "episode_id"),
    _to("conversations", "conversation_id"),
    _to("people", "person_id"),
    _to("texts", "text_id"),
    Column("files", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_utterances_conversation_id", "conversation_id", "id"),
    Index("ix_utterances_episode_id", "episode_id"),
)

decisions = _table(
    "decisions",
    _id(),
    _to("episodes", "episode_id"),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    Column("language", Text),
    Column("content_hash", Text, nullable=False),
    Column("matcher", Text, nullable=False),
    Column("candidates", JSON, nullable=False),
    Index("ix_decisions_episode_id", "episode_id"),
)

tickets = _table(
    "tickets",
    _id(),
    Column("token", Text, nullable=False, unique=True),
    Column("status", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("queue", Text, nullable=False),
    Column("language", Text, nullable=False),
    _to("people", "requester_id"),
    _to("people", "opened_by_id", null=True),
    _to("people", "assignee_id", null=True),
    Column("episode_id", Id, ForeignKey("episodes.id"), nullable=False, unique=True),
    _to("texts", "question_id"),
    _to("texts", "note_id", null=True),
    Column("channel", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("notes_only", Boolean, nullable=False, server_default=false()),
    Column("opened_at", Moment, nullable=False),
    Column("claimed_at", Moment),
    Column("closed_at", Moment),
    # What it was matched with; what its priority comes from, codes separated by commas.
    Column("target", Text, nullable=False, server_default=""),
    Column("why", Text, nullable=False, server_default=""),
    _to("tickets", "merged_into_id", null=True),
    _to("outages", "outage_id", null=True),
    _partial("target <> ''", "ix_tickets_target", "target", "opened_at"),
    _partial("merged_into_id IS NOT NULL", "ix_tickets_merged_into_id", "merged_into_id"),
    _partial("outage_id IS NOT NULL", "ix_tickets_outage_id", "outage_id", "status", "id"),
    Column("first_response_due", Moment),
    Column("resolution_due", Moment),
    Column("responded_at", Moment),
    # What the due times were counted for: queue, priority and start.
    Column("timed_for", Text, nullable=False, server_default=""),
    # When the desk itself looks at it next, for reminders and the like; empty when nothing waits. Whatever
    # else changes a ticket lets the desk look at once, so that no change can forget to.
    Column("look_at", Moment, onupdate=AT_ONCE),
    _partial("look_at IS NOT NULL", "ix_tickets_look_at", "look_at"),
    Index("ix_tickets_requester_id", "requester_id", "id"),
    Index("ix_tickets_status", "status", "priority", "id"),
    CheckConstraint("status IN ('open','claimed','resolved','withdrawn')", name="status"),
    CheckConstraint("(status = 'claimed') <= (assignee_id IS NOT NULL)", name="assignee"),
)

ticket_events = _table(
    "ticket_events",
    _id(),
    _to("tickets", "ticket_id"),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    _to("people", "actor_id", null=True),
    Column("channel", Text, nullable=False),
    Column("detail", JSON, nullable=False),
    Index("ix_ticket_events_ticket_id", "ticket_id", "id"),
)

cards = Table(
    "cards",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), primary_key=True),
    # The place of the room, so that no look-up has to go through the room's conversations.
    Column("room", Text, nullable=False),
    Column("receipt", Text, nullable=False, server_default=""),
    # Where people can open a card that is kept in another system.
    Column("url", Text, nullable=False, server_default=""),
    # Since when the ticket is in another queue: this card only says where to.
    Column("left_at", Moment),
    Index("ix_cards_conversation_id", "conversation_id"),
    Index("ix_cards_room", "room", "ticket_id"),
)

outbox = _table(
    "outbox",
    _id(),
    _to("conversations", "conversation_id"),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    _to("texts", "text_id", null=True),
    _to("tickets", "ticket_id", null=True),
    # The earlier post whose message this one changes.
    _to("outbox", "revises_id", null=True),
    # It is to be taken away, or never to be posted.
    Column("removed", Boolean, nullable=False, server_default=false()),
    # A sign to be put on somebody's message, and that message.
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
    UniqueConstraint("conversation_id", "number"),
    _partial("status = 'waiting'", "ix_outbox_waiting", "conversation_id", "number"),
    _partial("status = 'dead'", "ix_outbox_dead", "id"),
    _partial("revises_id IS NOT NULL", "ix_outbox_revises_id", "revises_id"),
    CheckConstraint("kind IN ('reply','card','home')", name="kind"),
    CheckConstraint("status IN ('waiting','sent','dead','superseded')", name="status"),
)

# Posts with buttons that name a ticket, or hang on it: they are taken off when they would be refused.
pressables = Table(
    "pressables",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True),
    Column("post_id", Id, ForeignKey("outbox.id"), primary_key=True),
)

# What was written in a ticket's conversation; where it goes is settled at its first receipt.
relays = _table(
    "relays",
    _id(),
    _to("tickets", "ticket_id"),
    _to("conversations", "conversation_id"),
    # The platform's id of the message.
    Column("message", Text, nullable=False),
    _to("people", "author_id", null=True),
    Column("course", Text, nullable=False),
    _to("texts", "text_id"),
    # The outbox row of its mark.
    Column("mark_id", Id),
    Column("gone", Boolean, nullable=False, server_default=false()),
    Column("at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    UniqueConstraint("conversation_id", "message"),
    Index("ix_relays_message", "message"),
    Index("ix_relays_text_id", "text_id"),
    Index("ix_relays_ticket_id", "ticket_id", "id"),
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
files = _table(
    "files",
    _id(),
    _to("relays", "relay_id"),
    Column("channel", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("body", LargeBinary),
    Column("expires_at", Moment, nullable=False),
    Index("ix_files_relay_id", "relay_id"),
    _partial("body IS NOT NULL", "ix_files_expires_at", "expires_at"),
)

rosters = Table(
    "rosters",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("room", Text, primary_key=True),
    Column("refreshed_at", Moment, nullable=False),
)

roster_members = Table(
    "roster_members",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("room", Text, primary_key=True),
    Column("tenant", Text, primary_key=True),
    Column("external_id", Text, primary_key=True),
    Column("name", Text, nullable=False, server_default=""),
)

# The morning summaries that were posted, by queue and day there: each comes once, whatever the replicas.
summaries = Table(
    "summaries",
    metadata,
    Column("queue", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("posted_at", Moment, nullable=False),
)

channel_memory = Table(
    "channel_memory",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
