"""The tables of outages, alerts, their posts, and links between tickets."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, text

from bot.storage.schema.columns import Id, Moment, metadata

_LASTS = "ended_at IS NULL"
_EXPIRES = "ended_at IS NULL AND until IS NOT NULL"
_UNSETTLED = "ended_at IS NOT NULL AND settled_at IS NULL"

outages = Table(
    "outages",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("token", Text, nullable=False, unique=True),
    # What two outages may not share while they last.
    Column("key", Text, nullable=False),
    Column("title_id", Id, ForeignKey("texts.id"), nullable=False),
    Column("target", Text, nullable=False),
    Column("question_id", Id, ForeignKey("texts.id")),
    Column("closing_id", Id, ForeignKey("texts.id")),
    Column("started_at", Moment, nullable=False),
    Column("started_by_id", Id, ForeignKey("people.id")),
    Column("ended_at", Moment),
    Column("ended_by_id", Id, ForeignKey("people.id")),
    # When the last ticket of it was closed.
    Column("settled_at", Moment),
    Index("ix_outages_key", "key", unique=True, sqlite_where=text(_LASTS), postgresql_where=text(_LASTS)),
    Index("ix_outages_unsettled", "id", sqlite_where=text(_UNSETTLED), postgresql_where=text(_UNSETTLED)),
    sqlite_autoincrement=True,
)

outage_notices = Table(
    "outage_notices",
    metadata,
    Column("outage_id", Id, ForeignKey("outages.id"), primary_key=True),
    Column("language", Text, primary_key=True),
    Column("text_id", Id, ForeignKey("texts.id"), nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("token", Text, nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("title_id", Id, ForeignKey("texts.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("outage_id", Id, ForeignKey("outages.id")),
    Column("severity", Text),
    # The time of the newest word that was taken in.
    Column("heard_at", Moment),
    # When it is over unless the system speaks of it again.
    Column("until", Moment),
    Index("ix_alerts_until", "until", sqlite_where=text(_EXPIRES), postgresql_where=text(_EXPIRES)),
    Index(
        "ix_alerts_lasting",
        "source",
        "key",
        unique=True,
        sqlite_where=text(_LASTS),
        postgresql_where=text(_LASTS),
    ),
    Index("ix_alerts_source", "source", "key", "id"),
    sqlite_autoincrement=True,
)

# A post in a room that stands for an outage or an alert, and is changed with it.
signs = Table(
    "signs",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), primary_key=True),
    Column("post_id", Id, ForeignKey("outbox.id"), nullable=False),
    Index("ix_signs_conversation_id", "conversation_id"),
    Index("ix_signs_post_id", "post_id"),
)

# Two tickets that belong together; the lower id comes first.
ticket_links = Table(
    "ticket_links",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True),
    Column("other_id", Id, ForeignKey("tickets.id"), primary_key=True),
    Column("linked_at", Moment, nullable=False),
    Index("ix_ticket_links_other_id", "other_id"),
    CheckConstraint("ticket_id < other_id", name="order"),
)
