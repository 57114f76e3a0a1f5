"""The table of what was done with people's data."""

from sqlalchemy import JSON, CheckConstraint, Column, Text

from bot.storage.schema.columns import Id, Moment, own_id, table, to

# Who ran it, when, of whom and how many; no text. An erasure goes on here after whatever broke it off.
privacy_log = table(
    "privacy_log",
    own_id(),
    Column("kind", Text, nullable=False),
    to("people", "person_id", null=True),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    # Which table is gone through, and up to which row.
    Column("stage", Text, nullable=False, server_default=""),
    Column("after", Id, nullable=False, server_default="0"),
    # What is looked for until all is done: names and accounts. Then it is empty.
    Column("sought", JSON, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("finished_at", Moment),
    CheckConstraint("kind IN ('export','erase','retention')", name="kind"),
)
