"""Tables of joined accounts, of what was done to join them, and of engineers who are away."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from bot.storage.schema.columns import Id, Moment, metadata, own_id, partial_index, table, to

# What was joined and separated, when, how and by whom: numbers, no names. It is append-only.
join_log = table(
    "join_log",
    own_id(),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    to("people", "person_id"),
    to("people", "other_id", null=True),
    Column("how", Text, nullable=False),
    # The operator, where one did it.
    Column("by", Text, nullable=False, server_default=""),
    Index("ix_join_log_person_id", "person_id", "kind", "at"),
    Index("ix_join_log_other_id", "other_id"),
    CheckConstraint("kind IN ('joined','separated','wrong_code')", name="kind"),
    CheckConstraint("how IN ('email','confirmed','operator','chat','erased')", name="how"),
)

# Whose accounts are one person's: those with the same `joined_id`. Those with the same `confirmed_id` share
# rights, too. Each is the entry of the log that joined the last of them.
joined_people = Table(
    "joined_people",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True),
    Column("joined_id", Id, ForeignKey("join_log.id"), nullable=False),
    Column("confirmed_id", Id, ForeignKey("join_log.id")),
    Index("ix_joined_people_joined_id", "joined_id"),
    Index("ix_joined_people_confirmed_id", "confirmed_id"),
)

# Two accounts on their way to be joined; the code is kept as a hash.
join_requests = table(
    "join_requests",
    own_id(),
    Column("token", Text, nullable=False, unique=True),
    Column("code_hash", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    to("people", "person_id"),
    to("conversations", "conversation_id"),
    to("people", "other_id", null=True),
    to("conversations", "other_conversation_id", null=True),
    # The outbox row of our last post with buttons.
    Column("post_id", Id),
    Column("expires_at", Moment, nullable=False),
    Index("ix_join_requests_person_id", "person_id"),
    Index("ix_join_requests_other_id", "other_id"),
    CheckConstraint("state IN ('begun','entered','agreed','joined','ended')", name="state"),
)

# The verified address that a platform tells of an account, as a keyed hash.
account_addresses = table(
    "account_addresses",
    own_id(),
    Column("channel", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("address_hash", Text, nullable=False),
    Column("told_at", Moment, nullable=False),
    # When it was last tried to join by it; empty until then.
    Column("tried_at", Moment),
    UniqueConstraint("channel", "tenant", "external_id"),
    Index("ix_account_addresses_address_hash", "address_hash"),
    partial_index("tried_at IS NULL", "ix_account_addresses_tried_at", "id"),
)

# Engineers who are away; one that is over stays, as a record. Without `since` it was shown back only.
absences = table(
    "absences",
    own_id(),
    Column("token", Text, nullable=False, unique=True),
    to("people", "person_id"),
    Column("since", Moment),
    Column("until", Moment, nullable=False),
    Column("ended_at", Moment),
    # When the desk looks at it next: at its begin, at its end; empty when nothing is left to do.
    Column("look_at", Moment),
    # The outbox row in which it was shown back.
    Column("post_id", Id),
    partial_index("ended_at IS NULL", "ix_absences_person_id", "person_id"),
    partial_index("look_at IS NOT NULL", "ix_absences_look_at", "look_at"),
)
