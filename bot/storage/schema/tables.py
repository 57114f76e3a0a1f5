"""The tables; `migrations/` makes them, and a test holds both equal."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from bot.storage.schema.columns import AT_ONCE, Id, Moment, metadata, own_id, partial_index, table, to

# Unclaimed, with a card of its own: what a new ticket may be like.
SHOWN = "status = 'open' AND cluster_id IS NULL AND outage_id IS NULL"

people = table(
    "people",
    own_id(),
    Column("name", Text, nullable=False),
    Column("language", Text),
    Column("created_at", Moment, nullable=False),
)

identities = table(
    "identities",
    own_id(),
    to("people", "person_id"),
    Column("channel", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    UniqueConstraint("channel", "tenant", "external_id"),
    Index("ix_identities_person_id", "person_id"),
    Index("ix_identities_external_id", "external_id"),
)

conversations = table(
    "conversations",
    own_id(),
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
    partial_index("anchor <> ''", "ix_conversations_anchor", "channel", "tenant", "anchor"),
    partial_index("due_at IS NOT NULL", "ix_conversations_due_at", "channel", "due_at"),
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

texts = table("texts", own_id(), Column("body", Text, nullable=False), Column("erased_at", Moment))

episodes = table(
    "episodes",
    own_id(),
    Column("token", Text, nullable=False, unique=True),
    to("people", "person_id"),
    to("conversations", "conversation_id"),
    Column("state", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("asked", Boolean, nullable=False),
    Column("angry", Boolean, nullable=False),
    to("texts", "question_id"),
    Column("offered", JSON, nullable=False),
    Column("tried", JSON, nullable=False),
    Column("presses", JSON, nullable=False),
    Column("ticket_id", Id),
    # The outbox row of our last post with buttons.
    Column("post_id", Id),
    Column("link", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    # When the desk looks next whether its outcome is final; empty once that is entered.
    Column("look_at", Moment, server_default=AT_ONCE),
    partial_index("look_at IS NOT NULL", "ix_episodes_look_at", "look_at"),
    Index("ix_episodes_conversation_id", "conversation_id"),
    Index("ix_episodes_post_id", "post_id"),
    Index("ix_episodes_person_id_last_at", "person_id", "last_at"),
    CheckConstraint("state IN ('asked','choice','answered','solved','ticket','closed')", name="state"),
)

utterances = table(
    "utterances",
    own_id(),
    to("episodes", "episode_id"),
    to("conversations", "conversation_id"),
    to("people", "person_id"),
    to("texts", "text_id"),
    Column("files", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    # The platform's id of the message.
    Column("message", Text, nullable=False, server_default=""),
    Index("ix_utterances_conversation_id", "conversation_id", "id"),
    Index("ix_utterances_episode_id", "episode_id"),
    Index("ix_utterances_message", "message", "conversation_id"),
)

# Edits and deletions that came before their message.
changed_messages = table(
    "changed_messages",
    own_id(),
    Column("place", Text, nullable=False),
    Column("message", Text, nullable=False),
    to("texts", "text_id", null=True),  # none where the message was deleted
    Column("at", Moment, nullable=False),
    UniqueConstraint("place", "message"),
    Index("ix_changed_messages_at", "at"),
)

decisions = table(
    "decisions",
    own_id(),
    to("episodes", "episode_id"),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    Column("language", Text),
    Column("content_hash", Text, nullable=False),
    Column("matcher", Text, nullable=False),
    Column("candidates", JSON, nullable=False),
    # How likely nothing fits, and the mix of questions among which the confidences hold.
    Column("none_fits", Float),
    Column("mix_answers", Float),
    Column("mix_requests", Float),
    Column("mix_nothing", Float),
    Index("ix_decisions_episode_id", "episode_id"),
)

tickets = table(
    "tickets",
    own_id(),
    Column("token", Text, nullable=False, unique=True),
    Column("status", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("queue", Text, nullable=False),
    Column("language", Text, nullable=False),
    to("people", "requester_id"),
    to("people", "opened_by_id", null=True),
    to("people", "assignee_id", null=True),
    Column("episode_id", Id, ForeignKey("episodes.id"), nullable=False, unique=True),
    to("texts", "question_id"),
    to("texts", "note_id", null=True),
    Column("channel", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("notes_only", Boolean, nullable=False, server_default=false()),
    Column("opened_at", Moment, nullable=False),
    Column("claimed_at", Moment),
    Column("closed_at", Moment),
    # What it was matched with; what its priority comes from, codes separated by commas.
    Column("target", Text, nullable=False, server_default=""),
    Column("why", Text, nullable=False, server_default=""),
    to("tickets", "merged_into_id", null=True),
    to("outages", "outage_id", null=True),
    # The cluster for which the card of its lead stands; a cluster names its lead, so this is no foreign key.
    Column("cluster_id", Id),
    partial_index("target <> ''", "ix_tickets_target", "target", "opened_at"),
    partial_index("merged_into_id IS NOT NULL", "ix_tickets_merged_into_id", "merged_into_id"),
    partial_index("outage_id IS NOT NULL", "ix_tickets_outage_id", "outage_id", "status", "id"),
    partial_index("cluster_id IS NOT NULL", "ix_tickets_cluster_id", "cluster_id", "outage_id", "id"),
    partial_index(SHOWN, "ix_tickets_shown", "queue", "target", "opened_at"),
    Column("first_response_due", Moment),
    Column("resolution_due", Moment),
    Column("responded_at", Moment),
    # By when, as the employee was told, somebody usually answers.
    Column("expected_by", Moment),
    # What the due times were counted for: queue, priority and start.
    Column("timed_for", Text, nullable=False, server_default=""),
    # When the desk itself looks at it next, for reminders and the like; empty when nothing waits. Whatever
    # else changes a ticket lets the desk look at once, so that no change can forget to.
    Column("look_at", Moment, onupdate=AT_ONCE),
    partial_index("look_at IS NOT NULL", "ix_tickets_look_at", "look_at"),
    # When the figures look at it next; empty once it is counted. Whatever changes a ticket has it counted
    # anew, without a statement of its own.
    Column("count_at", Moment, server_default=AT_ONCE, onupdate=AT_ONCE),
    partial_index("count_at IS NOT NULL", "ix_tickets_count_at", "count_at"),
    Index("ix_tickets_requester_id", "requester_id", "id"),
    Index("ix_tickets_status", "status", "priority", "id"),
    CheckConstraint("status IN ('open','claimed','resolved','withdrawn')", name="status"),
    CheckConstraint("(status = 'claimed') <= (assignee_id IS NOT NULL)", name="assignee"),
)

ticket_events = table(
    "ticket_events",
    own_id(),
    to("tickets", "ticket_id"),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    to("people", "actor_id", null=True),
    Column("channel", Text, nullable=False),
    Column("detail", JSON, nullable=False),
    Index("ix_ticket_events_ticket_id", "ticket_id", "id"),
)

# Like tickets: the card of the lead stands for all that name the cluster.
clusters = table(
    "clusters",
    own_id(),
    Column("lead_id", Id, ForeignKey("tickets.id"), nullable=False, unique=True),
    Column("queue", Text, nullable=False),
    Column("target", Text, nullable=False),
    # When the last one joined.
    Column("last_at", Moment, nullable=False),
    # Each of them is to get its card.
    Column("spread", Boolean, nullable=False, server_default=false()),
    # The priority of one that joined, until the lead is raised to it.
    Column("raise_to", Integer, nullable=False, server_default="0"),
    Index("ix_clusters_queue", "queue", "target", "last_at"),
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

# Who is signed in to the page; those that ended stay for a while, as a record of who was.
sessions = Table(
    "sessions",
    metadata,
    # Of the key that a browser holds, and of the token that let its holder in.
    Column("key_hash", Text, primary_key=True),
    Column("grant_hash", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Index("ix_sessions_expires_at", "expires_at"),
    # Of those who signed in with an identity provider: what it said of them, its tokens (which only the key
    # opens), the hashes of its own session and of the sign-in; when it is asked again, and the end for good.
    Column("name", Text),
    Column("role", Text),
    Column("email", Text),
    Column("sealed", Text),
    Column("sid_hash", Text),
    Column("sign_in_hash", Text),
    Column("look_at", Moment),
    Column("ends_at", Moment),
    Index("ix_sessions_person", "person"),
    Index("ix_sessions_sign_in_hash", "sign_in_hash", unique=True),
    partial_index("sid_hash IS NOT NULL", "ix_sessions_sid_hash", "sid_hash"),
    partial_index("sealed IS NOT NULL", "ix_sessions_sealed", "expires_at"),
)
